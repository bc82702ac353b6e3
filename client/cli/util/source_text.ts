/**
 * The text of a script or schema: from a file, from standard input, or typed at the terminal.
 *
 * @module
 */

import type { CliContext } from "../context.ts";

/** Reads a file; `-` is standard input. */
export async function textOf(context: CliContext, file: string): Promise<string> {
  return file === "-" ? await context.stdin.text() : await Deno.readTextFile(file);
}

/** What a script is for, as the prompt says it. */
export type ScriptPurpose = "verify" | "encode" | "decode";

/** Asks for one script. Only a person is prompted; a pipe is read to its end. */
export async function askScript(context: CliContext, purpose: ScriptPurpose, lang: Language): Promise<string> {
  const { stdin } = context;
  if (!stdin.isTerminal) return await stdin.text();
  prompt(context, purpose, lang);
  return await stdin.typed();
}

/** The languages that stored code may have. */
export type Language = "python" | "js";

/**
 * Asks for the two scripts of a codec. A person ends each with ^D; the first one also ends by itself behind a `return` that
 * nothing can follow. In a pipe a line `---` lies between the two, or else the first such `return`.
 */
export async function askScripts(context: CliContext, lang: Language): Promise<{ encode: string; decode: string }> {
  const { stdin } = context;
  if (!stdin.isTerminal) return splitScripts(await stdin.text());
  prompt(context, "encode", lang);
  const encode = await stdin.typed(endsByItself);
  prompt(context, "decode", lang);
  let decode = await stdin.typed();
  // The ^D that people type behind the first script, although it was over.
  if (decode.trim() === "" && endsByItself(encode)) decode = await stdin.typed();
  return { encode, decode };
}

function prompt(context: CliContext, purpose: ScriptPurpose, lang: Language): void {
  const name = lang === "js" ? "JavaScript" : "Python";
  context.stdout.write(`Enter the ${name} script to ${purpose} 'value'.\n`);
  context.stdout.flush();
}

/** Takes the two scripts of a pipe apart; without a second one `decode` is empty. */
export function splitScripts(text: string): { encode: string; decode: string } {
  const lines = text.split("\n");
  const marker = lines.findIndex((line) => line.trim() === "---" || line.trim() === "\x04");
  if (marker >= 0) return { encode: joined(lines.slice(0, marker)), decode: joined(lines.slice(marker + 1)) };
  for (let end = 1; end < lines.length; end++) {
    if (endsByItself(joined(lines.slice(0, end)))) {
      return { encode: joined(lines.slice(0, end)), decode: joined(lines.slice(end)) };
    }
  }
  return { encode: text, decode: "" };
}

function joined(lines: readonly string[]): string {
  const text = lines.join("\n");
  return text === "" || text.endsWith("\n") ? text : text + "\n";
}

/** Whether a script's last line is a complete `return` that is not indented: nothing behind it would ever run. */
export function endsByItself(script: string): boolean {
  const last = script.trimEnd().split("\n").at(-1)!;
  return /^return\b/.test(last) && !/[\\,]\s*$/.test(last) && isBalanced(script);
}

/** Whether all brackets and quotes are closed, as far as can be seen without knowing the language. */
function isBalanced(script: string): boolean {
  const bare = script.replace(/"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`/g, "");
  if (/["'`]/.test(bare)) return false;
  let depth = 0;
  for (const char of bare) depth += "([{".includes(char) ? 1 : ")]}".includes(char) ? -1 : 0;
  return depth === 0;
}
