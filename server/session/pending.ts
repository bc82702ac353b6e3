/**
 * Requests that take their time: each has a copy of its bytes, so that the connection can go on, or wait for it.
 *
 * @module
 */

import { RequestError } from "../../wire/errors.ts";
import type { RequestView } from "../../wire/message/request.ts";
import { Call } from "../action/call.ts";
import type { Client, Services } from "../action/services.ts";
import type { Handler } from "../action/table.ts";
import { writeRefusal } from "./refusals.ts";
import type { StreamOwner } from "./stream.ts";

/** The connection of the requests. */
export type PendingOwner = Client & StreamOwner;

/** The requests of one connection that are not answered yet. */
export class PendingCalls {
  readonly #calls = new Map<number | string, Call>();
  #held = 0;

  /** @param onRelease Called when a request is done for which the others waited */
  constructor(readonly services: Services, readonly owner: PendingOwner, readonly onRelease: () => void) {}

  /** How many there are. */
  get size(): number {
    return this.#calls.size;
  }

  /** Whether a request is under way that the next ones have to wait for. */
  get isHeld(): boolean {
    return this.#held > 0;
  }

  /** Starts a request. */
  run(handler: Handler, request: RequestView): void {
    const call = Call.own(this.services, this.owner, request);
    this.#calls.set(call.request.seqKey, call);
    void this.#run(handler, call);
  }

  async #run(handler: Handler, call: Call): Promise<void> {
    try {
      const done = handler(call);
      if (call.holds) this.#hold(call);
      await done;
    } catch (error) {
      call.out.reset();
      const refusal = error instanceof RequestError ? error : this.owner.defect(error);
      const { bytes, seqStart, seqEnd } = call.request;
      writeRefusal(call.out, bytes, seqStart, seqEnd, refusal, this.owner.clock);
    }
    if (this.#calls.get(call.request.seqKey) === call) this.#calls.delete(call.request.seqKey);
    if (!call.isStopped) {
      this.owner.touch();
      this.owner.output.encoder.raw(call.out.view());
    }
    call.release();
  }

  #hold(call: Call): void {
    this.#held++;
    let isHeld = true;
    call.release = () => {
      if (!isHeld) return;
      isHeld = false;
      this.#held--;
      this.onRelease();
    };
  }

  /** Gives a request up: it is not answered. Returns whether there is one of that number. */
  stop(key: number | string): boolean {
    const call = this.#calls.get(key);
    if (call === undefined || call.isStopped) return false;
    return call.isStopped = true;
  }

  /** Gives all up. */
  stopAll(): void {
    for (const call of this.#calls.values()) call.isStopped = true;
  }
}
