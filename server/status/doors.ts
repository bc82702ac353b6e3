/**
 * Ports that others than this machine reach although nobody has to log in.
 *
 * @module
 */

import type { ServerConfig } from "../config.ts";

/** What is said of them; undefined: there are none. */
export function openDoors({ listen, web }: Pick<ServerConfig, "listen" | "web">): string | undefined {
  const doors = [...listen, ...web === undefined ? [] : [web]].filter(({ host }) => !isLoopback(host));
  if (doors.length === 0) return undefined;
  const places = doors.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`).join(" and ");
  return `Everybody who can reach ${places} may read and change everything here, because nobody has to log in: ` +
    "see 'moat auth init --help'";
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(host);
}
