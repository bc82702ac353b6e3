/**
 * A server of sessions without disk, and one client of it: what the tests of sessions and actions talk to.
 *
 * @module
 */

import { fitsPattern } from "../../../server/action/topics.ts";
import type { StateFiles } from "../../../server/action/services.ts";
import { Auth } from "../../../server/auth/auth.ts";
import { LocalTopics } from "../../../server/backend/local_topics.ts";
import { ServerCluster } from "../../../server/network/cluster.ts";
import { CommitCycle, type Log } from "../../../server/commit.ts";
import { Store } from "../../../server/core/store.ts";
import { Fanout } from "../../../server/session/fanout.ts";
import type { SessionParts } from "../../../server/session/parts.ts";
import { Meta } from "../../../server/meta/meta.ts";
import { Sandbox } from "../../../server/meta/sandbox/sandbox.ts";
import type { Runner } from "../../../server/meta/stored_program.ts";
import { Session } from "../../../server/session/session.ts";
import { Slicer } from "../../../server/session/slicer.ts";
import { TokenIssuer } from "../../../server/session/token.ts";
import { MessageReader } from "../../../wire/msgpack/chunks.ts";
import { decode } from "../../../wire/msgpack/decoder.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { keysOf } from "../../../wire/path/keys.ts";
import type { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { MemoryDuplex } from "./memory_duplex.ts";

/** A message, decoded. */
export type Message = Record<string, Value>;

/** What a bench may be given. */
export interface BenchOptions {
  readonly node?: string;
  /** Default: an empty one. */
  readonly store?: Store;
  readonly log?: Log;
  readonly always?: boolean;
  readonly files?: StateFiles;
  /** Runs stored code; default: one that is never started. */
  readonly sandbox?: Runner;
}

/** Sessions and what they share. */
export class Bench {
  readonly store: Store;
  readonly cycle: CommitCycle;
  /** The time of day, as far as rules end. */
  readonly clock: ManualClock = new ManualClock();
  readonly parts: SessionParts;
  /** Errors that are the server's own fault. */
  readonly defects: unknown[] = [];
  readonly #clients: TestClient[] = [];

  constructor(options: BenchOptions = {}) {
    const node = options.node ?? "test1";
    this.store = options.store ?? new Store({ node });
    this.store.local.lifeId ??= "life";
    const fanout = new Fanout(this.store.values);
    this.cycle = new CommitCycle(
      this.store,
      options.log,
      options.always ?? false,
      (effects) => {
        meta.committed(effects);
        fanout.deliver(effects);
      },
    );
    const meta = new Meta(this.store, {
      sandbox: options.sandbox ?? new Sandbox(),
      report: () => {},
      clock: this.clock,
    });
    const slicer = new Slicer(() => !this.cycle.isOpen);
    this.cycle.slicer = slicer;
    this.parts = {
      services: {
        node,
        store: this.store,
        turn: this.cycle,
        topics: new LocalTopics(fitsPattern),
        files: options.files ?? { save: () => Promise.resolve(), log: () => Promise.resolve() },
        cluster: new ServerCluster({
          node,
          store: this.store,
          turn: (body) => this.cycle.run(body),
          report: () => {},
          defect: (error) => this.defects.push(error),
          status: (cluster) => ({ node, members: [...cluster.members.names()] }),
        }),
        meta,
        auth: new Auth({
          store: this.store,
          meta,
          clock: this.clock,
          random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
          change: (body) => this.cycle.run(body),
          isReadOnly: () => this.cycle.refusal !== undefined,
        }),
        topicRoot: ["moat", "kv"],
      },
      turns: this.cycle,
      slicer,
      fanout,
      tokens: new TokenIssuer(this.store),
      window: 10,
      version: [0, 1, 0],
      defect: (error) => this.defects.push(error),
    };
  }

  /** Stores a value as a peer would: nobody asks whether it makes sense. */
  put(path: Path, value: Value): void {
    const keys = keysOf(path);
    const bytes = encode(value);
    this.cycle.run(() => void this.store.write(this.store.ensure(keys, keys.length), bytes, 0, bytes.length));
  }

  /** Connects a client; its greeting is read. */
  async connect(kind: "memory" | "websocket" = "memory"): Promise<TestClient> {
    const client = new TestClient(this, kind);
    this.#clients.push(client);
    client.greeting = await client.next();
    return client;
  }

  /** Ends all clients, and checks that nothing was the server's fault. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) await client.leave();
    if (this.defects.length > 0) throw this.defects[0];
  }
}

/** One client, which sees every message that it is sent. */
export class TestClient {
  readonly duplex: MemoryDuplex;
  greeting: Message = {};
  readonly session: Session;
  readonly #done: Promise<void>;
  readonly #reader = new MessageReader();
  readonly #messages: Message[] = [];
  #taken = 0;
  #seq = 0;

  constructor(bench: Bench, kind: "memory" | "websocket") {
    this.duplex = new MemoryDuplex(kind);
    this.session = new Session(this.duplex, bench.parts);
    this.#done = this.session.run();
  }

  /** Sends messages in one piece. */
  send(...messages: Value[]): void {
    const parts = messages.map((message) => encode(message));
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    this.duplex.feed(bytes);
  }

  #collect(): void {
    for (; this.#taken < this.duplex.sent.length; this.#taken++) {
      this.#reader.push(this.duplex.sent[this.#taken]);
      while (this.#reader.next()) {
        this.#messages.push(decode(this.#reader.bytes, this.#reader.start, this.#reader.end) as Message);
      }
    }
  }

  /** The next message. */
  async next(): Promise<Message> {
    for (;;) {
      this.#collect();
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.duplex.isClosed) throw new Error("The connection is closed");
      await this.duplex.more();
    }
  }

  /** The next `count` messages. */
  async take(count: number): Promise<Message[]> {
    const taken: Message[] = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }

  /** What has come and was not read, after everything that can happen at once has happened. */
  async pending(): Promise<Message[]> {
    for (let i = 0; i < 5; i++) await new Promise((done) => setImmediate(done));
    this.#collect();
    return this.#messages.splice(0);
  }

  /** Sends a request with the next number and returns its reply, which must be the next message. */
  async ask(action: string, fields: { readonly [key: string]: Value } = {}): Promise<Message> {
    const seq = ++this.#seq;
    this.send({ action, ...fields, seq });
    const reply = await this.next();
    if (reply.seq !== seq) throw new Error(`A reply to ${seq} was expected, not ${JSON.stringify(reply)}`);
    delete reply.seq;
    return reply;
  }

  /** Sends a request and returns all messages of its stream, without `seq` and `tock`. */
  async stream(action: string, fields: { readonly [key: string]: Value } = {}): Promise<Message[]> {
    const seq = ++this.#seq;
    this.send({ action, ...fields, seq });
    const messages: Message[] = [];
    for (;;) {
      const { seq: _, tock: __, ...message } = await this.next();
      messages.push(message);
      if (message.state === "end") return messages;
    }
  }

  /** Sends no more, and waits for the end. */
  async leave(): Promise<void> {
    this.duplex.finish();
    this.duplex.resume();
    await this.#done;
  }
}
