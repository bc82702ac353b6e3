/**
 * The four channels of the original: bytes out, cut into pieces if the network needs it.
 *
 * @module
 */

import { encodeInfo, type Info } from "../../../wire/message/info.ts";
import { splitMessage } from "../../../wire/message/fragment_split.ts";
import { type ActorMessage, encodeActorMessage } from "../../../wire/actor/message.ts";
import { encodeChange, encodeEntry, type Update } from "../../../wire/message/update.ts";
import { Encoder } from "../../../wire/msgpack/encoder.ts";
import type { ReplicatorParts } from "../parts.ts";

/** Where updates and facts about ticks go. */
type Word = "update" | "info" | "ping" | "del";

/** See the module. */
export class Channels {
  readonly #encoder = new Encoder();
  #pieceNumber = 0;

  /** @param parts The backend, and the root of the channels @param cutsMessages Whether long messages go in pieces */
  constructor(private readonly parts: ReplicatorParts, private readonly cutsMessages: boolean) {}

  /** Sends one of this node's events; the length of its chain is right already. */
  live(update: Update): void {
    this.#encoder.reset();
    encodeChange(this.#encoder, update);
    this.#publish("update", this.#encoder.view());
  }

  /** Sends an entry's version once more. */
  resent(update: Update): void {
    this.#encoder.reset();
    encodeEntry(this.#encoder, update);
    this.#publish("update", this.#encoder.view());
  }

  /** Sends facts about ticks. */
  info(info: Info): void {
    this.#encoder.reset();
    encodeInfo(this.#encoder, info);
    this.#publish("info", this.#encoder.view());
  }

  /** Sends a message of an election. These are never cut. */
  actor(word: "ping" | "del", message: ActorMessage): void {
    this.#send(word, encodeActorMessage(message));
  }

  #publish(word: Word, bytes: Uint8Array): void {
    if (!this.cutsMessages) return this.#send(word, bytes);
    for (const piece of splitMessage(bytes, this.parts.node, () => ++this.#pieceNumber)) this.#send(word, piece);
  }

  #send(word: Word, bytes: Uint8Array): void {
    this.parts.backend.publish([...this.parts.root, word], bytes);
  }
}
