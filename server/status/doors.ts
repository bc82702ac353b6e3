/**
 * What is to be said of logins: ports that others reach although nobody has to log in, and passwords that not all servers
 * understand.
 *
 * @module
 */

import type { PeerStatus } from "../../wire/message/status.ts";
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

/** What is said of passwords that servers of the original do not understand, where there are some. */
export function foreignPasswords(
  login: string | null,
  isCompatible: boolean,
  peers: readonly PeerStatus[],
): string | undefined {
  if (login !== "password" || isCompatible) return undefined;
  const originals = peers.filter(({ ours, state }) => ours === false && state === "here").map(({ node }) => node);
  if (originals.length === 0) return undefined;
  return `Passwords get a form that servers of the original do not understand (${originals.join(", ")}): ` +
    "see 'moat auth compatible --help'";
}
