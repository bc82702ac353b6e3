/**
 * The connection by which one server copies from another: that of any client, except that values stay encoded.
 *
 * @module
 */

import { Connection } from "../../client/connection.ts";
import { type Login, logIn } from "../../client/login.ts";
import { pathOf, type Reply } from "../../client/reply.ts";
import { tcp } from "../../client/transports/tcp.ts";
import type { TlsOptions } from "../../client/transports/transport.ts";
import { KvError, ProtocolError } from "../../wire/errors.ts";
import { streamWindowMax } from "../../wire/limits.ts";
import { decode, Decoder } from "../../wire/msgpack/decoder.ts";
import { headBytes, isMapHead, readLength } from "../../wire/msgpack/head.ts";
import { skip } from "../../wire/msgpack/skip.ts";
import { Path } from "../../wire/path/path.ts";
import { PathLengthener } from "../../wire/path/shorten.ts";
import { Raw, type Value } from "../../wire/value.ts";
import type { IncomingChain } from "../core/chain.ts";
import type { Bootstrap, CopyCount, TreeEntry } from "./bootstrap.ts";

export type { Login, TlsOptions };

/** Whom to copy from. */
export interface CopySource {
  readonly host: string;
  readonly port: number;
  /** Its name, if it is known: whoever else answers there is not asked. */
  readonly node?: string;
  readonly tls?: boolean | TlsOptions;
  readonly auth?: Login;
}

/** Where the copy goes. */
export interface CopyTarget {
  /** Runs `body` within a turn. */
  turn(body: () => void): void;
  /** A receiver of what comes from the server of that name. */
  begin(node: string, hasTombstones: boolean): Bootstrap;
  /** Entries so far, now and then. */
  progress?(entries: number): void;
}

/** The original's servers all say this version; they do not send tombstones. */
const originalVersion = "0.0.1";

/** Between two calls of `progress`. */
const progressEvery = 1000;

/**
 * Copies a server's state.
 * @param signal Ends it
 * @throws {KvError} If it cannot be reached, is another one, refuses, or breaks off; what came so far stays
 */
export async function copyFrom(source: CopySource, target: CopyTarget, signal: AbortSignal): Promise<CopyCount> {
  return await withServer(source, signal, async (connection) => {
    const { node, version } = connection.greeting;
    return await copy(connection, target.begin(node, version.join(".") !== originalVersion), target);
  });
}

/**
 * Connects to another server for as long as `body` takes; values stay encoded.
 * @param signal Ends it
 * @throws {KvError} If it cannot be reached, is another one, refuses, or breaks off
 */
export async function withServer<T>(
  source: CopySource,
  signal: AbortSignal,
  body: (connection: Connection) => Promise<T>,
): Promise<T> {
  const transport = await tcp(source)(signal);
  const connection = await Connection.greet(transport, streamWindowMax, signal, decodeWithRawValue);
  const end = () => connection.lose(new KvError("The copy was given up", { cause: signal.reason }));
  signal.addEventListener("abort", end, { once: true });
  try {
    const { node } = connection.greeting;
    if (source.node !== undefined && node !== source.node) {
      throw new KvError(`At ${connection.address} there is the server ${node}, not ${source.node}`);
    }
    await logIn(connection, source.auth, signal);
    return await body(connection);
  } finally {
    signal.removeEventListener("abort", end);
    await connection.close();
  }
}

async function copy(connection: Connection, bootstrap: Bootstrap, target: CopyTarget): Promise<CopyCount> {
  const ask = (flags: { readonly [flag: string]: true }) => connection.request("get_state", flags, (reply) => reply);
  const before = await ask({ nodes: true });
  target.turn(() => bootstrap.begin(before));
  for (const isInternal of [false, true]) {
    await readTree(connection, isInternal, (entry) => {
      target.turn(() => bootstrap.entry(entry, isInternal));
      if (bootstrap.count.entries % progressEvery === 0) target.progress?.(bootstrap.count.entries);
    });
  }
  const after = await ask({ nodes: true, known: true, present: true, deleted: true });
  target.turn(() => bootstrap.end(after));
  return bootstrap.count;
}

/** Reads a server's tree, or the internal one; paths of that are below `null`. */
export function readTree(
  connection: Connection,
  isInternal: boolean,
  take: (entry: TreeEntry) => void,
): Promise<void> {
  const action = isInternal ? "get_tree_internal" : "get_tree";
  const lengthener = new PathLengthener();
  return new Promise((resolve, reject) => {
    const stream = connection.stream(
      action,
      { path: Path.root, nchain: -1, tombstones: true, qlen: streamWindowMax },
      {
        item: (reply) => {
          try {
            take(entryOf(reply, lengthener));
            stream.taken(reply, false);
          } catch (error) {
            stream.stop();
            reject(error);
          }
        },
        ended: (error) => error === undefined ? resolve() : reject(error),
      },
      streamWindowMax,
    );
  });
}

function entryOf(reply: Reply, lengthener: PathLengthener): TreeEntry {
  const tail = pathOf(reply.path);
  const { chain, tock, depth, value } = reply;
  if (tail === undefined || typeof tock !== "number") {
    throw new ProtocolError("An entry of a tree has no path or tock", 0);
  }
  const path = lengthener.path(tail, typeof depth === "number" ? depth : undefined);
  if (!isChain(chain)) throw new ProtocolError(`The entry ${path} of a tree has no chain`, 0);
  return { path, chain, tock, value: value as unknown as Raw | undefined };
}

function isChain(value: Value | undefined): value is IncomingChain & { readonly [key: string]: Value } {
  let depth = 0;
  for (let link = value; link !== null && (link !== undefined || depth === 0);) {
    if (typeof link !== "object" || depth++ > 1000) return false;
    const { node, tick, prev } = link as Reply;
    if (typeof node !== "string" || typeof tick !== "number") return false;
    link = prev;
  }
  return depth > 0;
}

/** A message, whose `value` stays encoded. */
function decodeWithRawValue(bytes: Uint8Array, start: number = 0, end: number = bytes.length): Value {
  if (!isMapHead(bytes[start])) return decode(bytes, start, end);
  const decoder = new Decoder(bytes, start, end);
  decoder.offset = start + headBytes(bytes[start]);
  const message: { [key: string]: Value | Raw } = {};
  for (let left = readLength(bytes, start); left > 0; left--) {
    const key = decoder.value();
    if (typeof key !== "string" || key === "__proto__") throw new ProtocolError("A message has a strange key", start);
    if (key !== "value") {
      message[key] = decoder.value();
      continue;
    }
    const from = decoder.offset;
    decoder.offset = skip(bytes, from, end);
    if (decoder.offset < 0) throw new ProtocolError("Truncated", end);
    message.value = new Raw(bytes.slice(from, decoder.offset));
  }
  return message as Value;
}
