/**
 * MoaT-KV: a master-less, partition-tolerant key-value tree. As a library, what a client needs; as a program, the
 * command line.
 *
 * @example
 * ```ts
 * import { openClient, P } from "@moat/kv";
 *
 * await using client = await openClient({ host: "localhost" });
 * await client.set(P("sensors.hall:3"), 21.5);
 * for await (const item of client.watch(P("sensors"), { fetch: true })) {
 *   if ("path" in item) console.log(`${item.path}`, item.value);
 * }
 * ```
 *
 * @module
 */

export { P } from "./wire/path/template.ts";
export { parsePath, PathSyntaxError } from "./wire/path/parse.ts";
export { Path } from "./wire/path/path.ts";
export type { PathElement, PathInput } from "./wire/path/path.ts";
export { Ext, Float, Raw, Timestamp } from "./wire/value.ts";
export type { Value } from "./wire/value.ts";
export type { MessageReader } from "./wire/msgpack/chunks.ts";
export {
  AclError,
  AuthError,
  ChainError,
  ConnectionError,
  type ErrorCode,
  KvError,
  NotFoundError,
  ProtocolError,
  RequestError,
  TypeCheckError,
} from "./wire/errors.ts";
export { ConnectionLostError, type RemoteError, remoteErrorOf } from "./client/errors.ts";
export { openClient } from "./client/open_client.ts";
export { Client } from "./client/client.ts";
export type {
  CallOptions,
  ChainOptions,
  ChangeOptions,
  DeleteOptions,
  ListOptions,
  SetOptions,
  StateOptions,
  TreeOptions,
} from "./client/client_options.ts";
export type { ClientOptions, ReconnectOptions } from "./client/options.ts";
export type { Backoff } from "./client/backoff.ts";
export type { ConnectionState } from "./client/link.ts";
export { type Login, type LoginLine, passwordLogin, rootLogin, testLogin, tokenLogin } from "./client/login.ts";
export type { Chain, Fields, Reply } from "./client/reply.ts";
export type { AckLevel, DeletedItem, GetResult, SetResult, TopicMessage, TreeItem } from "./client/results.ts";
export { type Conflict, type ConflictClient, Conflicts, type Current } from "./client/conflicts.ts";
export type { PeerStatus, ServerStatus } from "./client/status.ts";
export type { Stream } from "./client/stream.ts";
export type { Watch, WatchItem, WatchOptions, WatchState } from "./client/watch.ts";
export type { Config, ConfigSection, ConfigSections } from "./client/config.ts";
export { ClientEntry } from "./client/entry.ts";
export type { EntryClass, EntryPlace, FollowOptions } from "./client/entry_place.ts";
export { AttrClientEntry } from "./client/attr_entry.ts";
export { MirrorRoot, type MirrorSettings, type RootClass } from "./client/mirror.ts";
export { ClientRoot, type HandlerClass, type HandlerOptions, NamedRoot } from "./client/client_root.ts";
export type { Address, Connect, TlsOptions, Transport } from "./client/transports/transport.ts";
export { tcp } from "./client/transports/tcp.ts";
export { webSocket } from "./client/transports/websocket.ts";

if (import.meta.main) {
  const { main } = await import("./client/cli/main.ts");
  Deno.exit(await main(Deno.args));
}
