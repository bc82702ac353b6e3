/**
 * The writes of one connection that wait for the check of their value. Many are checked at a time; they are applied in the
 * order in which they came, those that are ready together in one turn.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import { Encoder } from "../../wire/msgpack/encoder.ts";
import { Call } from "../action/call.ts";
import type { Services } from "../action/services.ts";
import type { WaitingWrite } from "../action/waiting_write.ts";
import type { PendingOwner } from "./pending.ts";
import { writeRefusal } from "./refusals.ts";

/** So many may wait, and their bytes; then nothing more is read from the client. */
const countMax = 1024;
const bytesMax = 4 * 1024 * 1024;

/** Calls that are kept. */
const usedMax = 64;

/** A reply that comes later has room in so many bytes, usually. */
const answerBytes = 256;

/** One write, and how far it is. */
interface Place {
  readonly call: Call;
  readonly write: WaitingWrite;
  state: "new" | "preparing" | "ready" | "failed";
  error: unknown;
}

/** The writes of one connection that wait. */
export class WaitingWrites {
  readonly #services: Services;
  readonly #owner: PendingOwner;
  readonly #onProgress: () => void;
  readonly #places: Place[] = [];
  /** Where the first one is in `#places`. */
  #first = 0;
  #bytes = 0;
  /** Applied, and not answered yet. */
  #unanswered = 0;
  #exclusive = 0;
  #isAdvancing = false;
  /** Calls that can be used again: what they are made of is large. */
  readonly #used: Call[] = [];

  /** @param onProgress Called when some were applied */
  constructor(services: Services, owner: PendingOwner, onProgress: () => void) {
    this.#services = services;
    this.#owner = owner;
    this.#onProgress = onProgress;
  }

  /** How many wait. */
  get size(): number {
    return this.#places.length - this.#first;
  }

  /** Whether no more of them should be taken. */
  get isFull(): boolean {
    return this.size + this.#unanswered >= countMax || this.#bytes >= bytesMax;
  }

  /** Whether whatever comes next has to wait until all are applied. */
  get isExclusive(): boolean {
    return this.#exclusive > 0;
  }

  /** Puts a write behind the others. */
  add(shared: Call, write: WaitingWrite): void {
    const used = this.#used.pop();
    const call = used?.take(shared.request) ??
      Call.own(this.#services, this.#owner, shared.request, this.#owner.output.encoder);
    for (let i = 0; i < shared.keyCount; i++) call.keys[i] = shared.keys[i];
    call.keyCount = shared.keyCount;
    const place: Place = { call, write, state: "new", error: undefined };
    this.#places.push(place);
    this.#bytes += call.request.bytes.length;
    if (write.isExclusive) this.#exclusive++;
    if (!write.needsTurn || this.size === 1) this.#prepare(place);
    this.#advance();
  }

  /** Drops what was not applied. */
  clear(): void {
    this.#places.length =
      this.#first =
      this.#bytes =
      this.#exclusive =
        0;
  }

  #prepare(place: Place): void {
    place.state = "preparing";
    try {
      const preparing = place.write.prepare(place.call);
      if (preparing === undefined) place.state = "ready";
      else {
        preparing.then(() => {
          place.state = "ready";
          this.#advance();
        }, (error) => {
          place.state = "failed";
          place.error = error;
          this.#advance();
        });
      }
    } catch (error) {
      place.state = "failed";
      place.error = error;
    }
  }

  #advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    let count = 0;
    for (let place = this.#next(); place !== undefined; place = this.#next()) {
      this.#remove(place);
      this.#apply(place);
      count++;
    }
    this.#isAdvancing = false;
    if (count > 0) this.#onProgress();
  }

  /** The first one, if it can be applied. */
  #next(): Place | undefined {
    const place = this.#places[this.#first];
    if (place === undefined) return undefined;
    if (place.state === "new") this.#prepare(place);
    while (place.state === "ready" && place.write.isStale(place.call)) this.#prepare(place);
    return place.state === "preparing" ? undefined : place;
  }

  #remove({ call, write }: Place): void {
    this.#first++;
    this.#bytes -= call.request.bytes.length;
    if (write.isExclusive) this.#exclusive--;
    if (this.#first < this.#places.length && this.#first < 256) return;
    this.#places.splice(0, this.#first);
    this.#first = 0;
  }

  #apply({ call, write, state, error }: Place): void {
    const owner = this.#owner;
    owner.touch();
    const out = owner.output.encoder;
    if (state === "failed") return this.#refuse(out, call, error);
    const mark = out.length;
    call.out = out;
    try {
      const answering = write.apply(call);
      if (answering === undefined) {
        if (this.#used.length < usedMax) this.#used.push(call);
        return;
      }
      call.out = new Encoder(answerBytes);
      this.#unanswered++;
      void this.#answer(call, answering);
    } catch (error) {
      out.truncate(mark);
      this.#refuse(out, call, error);
    }
  }

  async #answer(call: Call, answering: Promise<void>): Promise<void> {
    try {
      await answering;
    } catch (error) {
      call.out.reset();
      this.#refuse(call.out, call, error);
    }
    this.#unanswered--;
    this.#owner.touch();
    this.#owner.output.encoder.raw(call.out.view());
    this.#onProgress();
  }

  #refuse(out: Encoder, call: Call, error: unknown): void {
    const refusal = error instanceof RequestError ? error : this.#owner.defect(error);
    const { bytes, seqStart, seqEnd } = call.request;
    writeRefusal(out, bytes, seqStart, seqEnd, refusal, this.#owner.clock);
  }
}
