/**
 * Notices a connection whose other end is gone without a word: a pulled plug sends nothing.
 *
 * @module
 */

import { ConnectionError } from "../wire/errors.ts";
import type { Connection } from "./connection.ts";

/**
 * Asks for a sign of life when nothing came for `idleMs`, and gives the connection up after as long again. Returns what
 * ends it.
 */
export function watchOver(connection: Connection, idleMs: number): () => void {
  if (idleMs <= 0) return () => {};
  let received = connection.received;
  let isAsked = false;
  const look = () => {
    if (connection.received !== received) isAsked = false;
    else if (isAsked) return connection.lose(new ConnectionError(`${connection.address} is silent since ${idleMs} ms`));
    else if (!connection.isLost) isAsked = ask(connection);
    received = connection.received;
  };
  const timer = setInterval(look, idleMs);
  return () => clearInterval(timer);
}

function ask(connection: Connection): true {
  connection.request("get_tock", {}, () => undefined).catch(() => {});
  return true;
}
