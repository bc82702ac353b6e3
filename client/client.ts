/**
 * The client: what a program calls.
 *
 * @module
 */

import { parsePath } from "../wire/path/parse.ts";
import { Path, type PathElement } from "../wire/path/path.ts";
import type { Value } from "../wire/value.ts";
import { changeFields, checkPath, notPath } from "./change_fields.ts";
import type {
  CallOptions,
  ChainOptions,
  DeleteOptions,
  ListOptions,
  SetOptions,
  StateOptions,
  TreeOptions,
} from "./client_options.ts";
import type { Config, DynamicConfig } from "./config.ts";
import { Conflicts } from "./conflicts.ts";
import { Gate } from "./gate.ts";
import type { ConnectionState, Link } from "./link.ts";
import { MirrorRoot, type MirrorSettings, type RootClass } from "./mirror.ts";
import { type Fields, numberOf, type Reply } from "./reply.ts";
import { type DeletedItem, deletedItem, type GetResult, getResult, type SetResult, setResult } from "./results.ts";
import { type TopicMessage, topicMessage, type TreeItem, treeItem } from "./results.ts";
import { children, values } from "./listing.ts";
import { Services } from "./services.ts";
import { seal } from "./shared_key.ts";
import { type ServerStatus, statusResult } from "./status.ts";
import { Stream } from "./stream.ts";
import { Watch, type WatchOptions } from "./watch.ts";

/** A connection to a server, and what one can ask it for. Made by `openClient()`. */
export class Client implements AsyncDisposable {
  /** The configuration: static sections, and the entries below `:.moat.kv.config` over them. */
  readonly config: Config;
  readonly #link: Link;
  readonly #gate: Gate;
  readonly #services = new Services();

  /** @ignore */
  constructor(link: Link, config: DynamicConfig) {
    this.#link = link;
    this.#gate = new Gate(link);
    this.config = config.view;
  }

  /** This client's name. */
  get name(): string {
    return this.#link.settings.name;
  }

  /** The name of the server; of the last one if there is no connection. */
  get node(): string {
    return this.#link.node;
  }

  /** What the connection is doing. */
  get connectionState(): ConnectionState {
    return this.#link.state;
  }

  /** What the connection is doing, and will do. A reader that is 100 states behind misses the oldest. */
  connectionStates(options: CallOptions = {}): AsyncIterableIterator<ConnectionState> {
    return this.#link.states(options.signal);
  }

  /** Reads an entry. The result has no `value` if the entry has none; that is no error. */
  get(path: Path, options: ChainOptions = {}): Promise<GetResult> {
    return this.#askAt(path, "get_value", { nchain: options.nchain }, getResult, options);
  }

  /**
   * Writes an entry. With `chain` it fails if the entry is not the one that was read; without, it just overwrites.
   * @throws {ChainError} If the entry is not as `chain` or `prev` says
   */
  set(path: Path, value: Value, options: SetOptions = {}): Promise<SetResult> {
    if (value === undefined) return Promise.reject(new TypeError("You need to supply a value, or call 'delete'"));
    const fields = { value, idem: options.idem, ...changeFields(options) };
    return this.#askAt(path, "set_value", fields, setResult, options);
  }

  /** Deletes an entry's value; its children stay. Afterwards its chain is `null`. */
  delete(path: Path, options: DeleteOptions = {}): Promise<SetResult> {
    return this.#askAt(path, "delete_value", changeFields(options), setResult, options);
  }

  /** Deletes an entry and all below it. Returns how many. */
  deleteTree(path: Path, options?: CallOptions): Promise<number>;
  /** Deletes an entry and all below it, and tells which, one by one. */
  deleteTree(path: Path, options: ChainOptions & { nchain: number }): Stream<DeletedItem>;
  deleteTree(path: Path, options: ChainOptions = {}): Promise<number> | Stream<DeletedItem> {
    const { nchain } = options;
    if (nchain) return this.#stream("delete_tree", { path: checkPath(path), nchain }, deletedItem, options);
    return this.#askAt(path, "delete_tree", {}, (reply) => numberOf(reply.changed), options);
  }

  /** The names of an entry's children. @throws {NotFoundError} If there is no such entry */
  list(path: Path, options?: ListOptions & { withData?: false }): Promise<PathElement[]>;
  /** The children with their values. */
  list(path: Path, options: ListOptions & { withData: true }): Promise<Map<PathElement, Value>>;
  list(path: Path, options: ListOptions & { withData?: boolean } = {}): Promise<unknown> {
    const { withData = false, empty = !withData } = options;
    return this.#askAt<unknown>(path, "enum", { with_data: withData, empty }, withData ? values : children, options);
  }

  /** The entries of a subtree, parents first, with paths below `path`. It is no snapshot: changes may slip in. */
  tree(path: Path, options: TreeOptions = {}): Stream<TreeItem> {
    const { nchain, minDepth, maxDepth, empty } = options;
    const fields = { path: checkPath(path), nchain, min_depth: minDepth, max_depth: maxDepth, empty };
    return this.#stream("get_tree", fields, treeItem, options);
  }

  /**
   * Every change of a subtree from now on; with `fetch` its present state first.
   *
   * @example
   * ```ts
   * import { openClient, P } from "@moat/kv";
   *
   * await using client = await openClient();
   * for await (const item of client.watch(P("one.two"), { fetch: true })) {
   *   if (!("path" in item)) continue; // {state: "uptodate"}: the present state is complete
   *   console.log("value" in item ? `${item.path}= ${item.value}` : `${item.path}: deleted`);
   * }
   * ```
   */
  watch(path: Path, options: WatchOptions = {}): Watch {
    return new Watch(this.#link, checkPath(path), options);
  }

  /**
   * A local copy of a subtree, kept up to date until it is disposed of; see {@linkcode MirrorRoot}. `path` may be its text.
   */
  mirror<T extends MirrorRoot = MirrorRoot>(
    path: Path | string,
    options: MirrorSettings & { rootType?: RootClass<T> } = {},
  ): Promise<T> {
    const type = options.rootType ?? MirrorRoot as unknown as RootClass<T>;
    return new type(this, typeof path === "string" ? parsePath(path) : checkPath(path), options).start();
  }

  /** From now on, paths of this connection begin at `path`. There is no way back. Returns that entry. */
  async root(path: Path, options: CallOptions = {}): Promise<GetResult> {
    const result = await this.#askAt(path, "root", {}, getResult, options);
    this.#link.attachLater({
      attach: (connection) => {
        connection.request("root", { path }, () => undefined).catch((error) => connection.lose(error));
      },
      abandon: () => {},
    });
    return result;
  }

  /** A new value of the network's counter. */
  getTock(options: CallOptions = {}): Promise<number> {
    return this.#ask("get_tock", {}, (reply) => numberOf(reply.tock), options);
  }

  /** What the server knows of the network's changes; range sets are arrays such as `[2, [4, 7]]` for 2, 4, 5, 6. */
  state(options: StateOptions = {}): Promise<Reply> {
    const { signal, remoteMissing, ...flags } = options;
    return this.request("get_state", { ...flags, remote_missing: remoteMissing }, { signal });
  }

  /** How the server is, and what it knows of the others. */
  status(options: CallOptions = {}): Promise<ServerStatus> {
    return this.#ask("get_status", {}, statusResult, options);
  }

  /** What lost against changes that did not know it, and what can be done about it. */
  get conflicts(): Conflicts {
    return new Conflicts(this);
  }

  /** Sends a message to all who monitor this topic. */
  async msgSend(topic: Path, message: { data: Value } | { raw: Uint8Array }, options: CallOptions = {}): Promise<void> {
    await this.#ask("msg_send", { topic: checkPath(topic), ...message }, () => undefined, options);
  }

  /** Messages on a topic; `+` stands for one level, `#` at the end for any. @param options.raw As bytes */
  msgMonitor(topic: Path, options: CallOptions & { raw?: boolean } = {}): Stream<TopicMessage> {
    return this.#stream("msg_monitor", { topic: checkPath(topic), raw: options.raw }, topicMessage, options, true);
  }

  /** Ends a request or stream by its number. False if there is none. */
  stop(seq: number, options: CallOptions = {}): Promise<boolean> {
    return this.#ask("stop", { task: seq }, (reply) => reply.result === true, options);
  }

  /** Puts a secret into a box that only the server can open, on this connection. */
  async seal(secret: Uint8Array, { signal }: CallOptions = {}): Promise<Uint8Array> {
    return await seal(await this.#link.ready(signal), secret, signal);
  }

  /** Any request with one reply. */
  request(action: string, fields: Fields = {}, options: CallOptions = {}): Promise<Reply> {
    return this.#ask(action, fields, (reply) => reply, options);
  }

  /** Any request with many replies. With `both`, more messages can be sent. Paths in replies are whole. */
  stream(action: string, fields: Fields = {}, options: CallOptions & { both?: boolean } = {}): Stream<Reply> {
    const { both, signal } = options;
    return new Stream(this.#link, { action, fields, convert: (reply) => reply, both, signal });
  }

  /** The service of this name; made by `create` if there is none yet. It ends with the client. */
  unique<T extends AsyncDisposable>(name: string, create: () => Promise<T>): Promise<T> {
    return this.#services.get(name, create);
  }

  #askAt<T>(
    path: Path,
    action: string,
    fields: Fields,
    convert: (reply: Reply) => T,
    options: CallOptions,
  ): Promise<T> {
    if (!(path instanceof Path)) return Promise.reject(notPath());
    return this.#ask(action, { path, ...fields }, convert, options);
  }

  #ask<T>(action: string, fields: Fields, convert: (reply: Reply) => T, { signal }: CallOptions): Promise<T> {
    return this.#gate.request(action, fields, convert, signal);
  }

  #stream<T>(
    action: string,
    fields: Fields,
    convert: (reply: Reply) => T | undefined,
    { signal }: CallOptions,
    isEndless: boolean = false,
  ): Stream<T> {
    return new Stream(this.#link, { action, fields, convert, signal, isEndless });
  }

  /** Sends what waits, closes the connection, ends watches and mirrors. Requests under way fail. */
  async close(): Promise<void> {
    await this.#services.close();
    await this.#link.close();
  }

  /** As {@linkcode Client.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
