/**
 * One stream to a client: what a session makes of it, between the real source and a client that is some milliseconds away,
 * reads in its own time, and loses what is under way when it goes.
 *
 * @module
 */

import type { Reply } from "../../client/reply.ts";
import type { StreamOut, StreamSource } from "../../server/action/stream_source.ts";
import { decode } from "../../wire/msgpack/decoder.ts";
import { Encoder } from "../../wire/msgpack/encoder.ts";
import type { Life } from "./life.ts";

/** Messages that may be under way. */
const windowMax = 20;
/** How far away a client is. */
const usualMs = 0.3;
/** While the store holds what is not logged, nothing is read from it. */
const retryMs = 0.1;

/** See the module. */
export class ClientStream implements StreamOut {
  readonly #out = new Encoder();
  #underWay = 0;
  #isAwake = false;
  #isClosed = false;

  /**
   * @param shows What the node shows at this moment; goes with `uptodate`
   * @param receive The client
   * @param done Called when the client has everything, if the stream ever ends
   * @param wayMs How far away the client is
   */
  constructor(
    private readonly life: Life,
    private readonly source: StreamSource,
    private readonly shows: () => Map<string, string>,
    private readonly receive: (reply: Reply, shown: Map<string, string> | undefined) => void,
    private readonly done: () => void = () => {},
    private readonly wayMs: number = usualMs,
  ) {}

  get hasRoom(): boolean {
    return !this.#isClosed && this.#underWay < windowMax;
  }
  begin(fields: number): Encoder {
    this.#out.reset();
    this.#out.mapHeader(fields);
    return this.#out;
  }
  tock(tock: number = this.life.store.clock): void {
    this.#out.str("tock");
    this.#out.int(tock);
  }
  end(): void {
    const reply = decode(this.#out.take()) as Reply;
    const shown = reply.state === "uptodate" ? this.shows() : undefined;
    this.#underWay++;
    this.life.parts.world.timeline.after(this.wayMs, () => {
      if (this.#isClosed) return;
      this.#underWay--;
      this.receive(reply, shown);
      if (this.#underWay === 0) this.wake();
    });
  }
  flushSoon(): void {}
  state(name: string): void {
    const out = this.begin(2);
    out.str("state");
    out.str(name);
    this.tock();
    this.end();
  }
  wake(): void {
    if (this.#isAwake || this.#isClosed) return;
    this.#isAwake = true;
    this.life.after(0, () => this.#step());
  }

  #step(): void {
    this.#isAwake = false;
    if (this.#isClosed) return;
    if (this.life.store.effects.length > 0) {
      this.#isAwake = true;
      return void this.life.after(retryMs, () => this.#step());
    }
    const state = this.source.step(this);
    if (state === "more") this.wake();
    if (state !== "done") return;
    this.life.parts.world.timeline.after(this.wayMs, () => {
      if (!this.#isClosed) this.done();
    });
  }

  /** The client goes. */
  close(): void {
    this.#isClosed = true;
    this.source.close();
  }
}
