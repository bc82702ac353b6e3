/**
 * The client library. It needs nothing but web standards, except for TCP, which takes the sockets of Deno, Node or Bun.
 *
 * @module
 */

export { P } from "../wire/path/template.ts";
export { parsePath, PathSyntaxError } from "../wire/path/parse.ts";
export { Path } from "../wire/path/path.ts";
export type { PathElement, PathInput } from "../wire/path/path.ts";
export { Ext, Float, Raw, Timestamp } from "../wire/value.ts";
export type { Value } from "../wire/value.ts";
export type { MessageReader } from "../wire/msgpack/chunks.ts";
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
} from "../wire/errors.ts";
export { ConnectionLostError, type RemoteError, remoteErrorOf } from "./errors.ts";
export { openClient } from "./open_client.ts";
export { Client } from "./client.ts";
export type {
  CallOptions,
  ChainOptions,
  ChangeOptions,
  DeleteOptions,
  ListOptions,
  SetOptions,
  StateOptions,
  TreeOptions,
} from "./client_options.ts";
export type { ClientOptions, ReconnectOptions } from "./options.ts";
export type { Backoff } from "./backoff.ts";
export type { ConnectionState } from "./link.ts";
export { type Login, type LoginLine, passwordLogin, rootLogin, testLogin, tokenLogin } from "./login.ts";
export type { Chain, Fields, Reply } from "./reply.ts";
export type { AckLevel, DeletedItem, GetResult, SetResult, TopicMessage, TreeItem } from "./results.ts";
export { type Conflict, type ConflictClient, Conflicts, type Current } from "./conflicts.ts";
export type { PeerStatus, ServerStatus } from "./status.ts";
export type { Stream } from "./stream.ts";
export type { Watch, WatchItem, WatchOptions, WatchState } from "./watch.ts";
export type { Config, ConfigSection, ConfigSections } from "./config.ts";
export { ClientEntry } from "./entry.ts";
export type { EntryClass, EntryPlace, FollowOptions } from "./entry_place.ts";
export { AttrClientEntry } from "./attr_entry.ts";
export { MirrorRoot, type MirrorSettings, type RootClass } from "./mirror.ts";
export { ClientRoot, type HandlerClass, type HandlerOptions, NamedRoot } from "./client_root.ts";
export type { Address, Connect, TlsOptions, Transport } from "./transports/transport.ts";
export { tcp } from "./transports/tcp.ts";
export { webSocket } from "./transports/websocket.ts";
