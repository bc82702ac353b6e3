/**
 * Texts as Python's `repr()` prints them, because that is how errors of stored code travel.
 *
 * @module
 */

/** In single quotes, unless there are some in it and no double ones. */
export function pythonRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\'\p{Cc}]/gu, (c) => c === "'" && quote === '"' ? c : escapeOf(c));
  return quote + escaped + quote;
}

const named: { readonly [c: string]: string } = { "\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escapeOf(c: string): string {
  return named[c] ?? "\\x" + c.charCodeAt(0).toString(16).padStart(2, "0");
}
