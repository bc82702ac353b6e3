/**
 * Which web pages may open a WebSocket here. A browser sends the page's origin and cannot lie about it; without this rule
 * every page on the internet could read the tree of whoever looks at it.
 *
 * Allowed are programs (no `Origin`), pages of this very server, and listed origins. A page of this server counts only under
 * a name that is surely this machine's: else a page could point its own name at this address (DNS rebinding).
 *
 * @module
 */

/** What the rule looks at. */
export interface OriginRule {
  /** Origins that may, such as `https://home.example`. `*` is all of them. */
  readonly origins: readonly string[];
  /** This machine's own names, without port. */
  readonly names: readonly string[];
}

/** Whether a page of `origin` may open a WebSocket that it asked of `host` (the `Host` header). */
export function mayConnect(origin: string | null, host: string | null, rule: OriginRule): boolean {
  if (origin === null) return true;
  if (rule.origins.includes("*") || rule.origins.includes(origin)) return true;
  if (host === null) return false;
  let page: URL;
  try {
    page = new URL(origin);
  } catch {
    return false; // `null`: a file, or a page that hides where it comes from
  }
  return page.host === host.toLowerCase() && isOwnName(page.hostname, rule.names);
}

function isOwnName(name: string, own: readonly string[]): boolean {
  if (name === "localhost" || name.endsWith(".localhost") || name.startsWith("[")) return true;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return true;
  return own.some((each) => name === each.toLowerCase() || name === `${each.toLowerCase()}.local`);
}
