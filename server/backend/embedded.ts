/**
 * The broker that the servers of one machine share when none is configured. Whoever finds none at the loopback address
 * offers one; the others find it, and when it goes away, one of them takes over: the bind is the lock that decides.
 *
 * @module
 */

import { type Broker, offerBroker } from "./broker.ts";
import { probeBroker } from "./probe.ts";

/** The port at which MQTT brokers are looked for. */
export const brokerPort = 1883;

/** Exactly this address: a broker of the machine's own that serves others, too, is found there as well. */
const hostname = "127.0.0.1";

/** How long a broker has to answer. */
const probeMs = 1000;
/** How long whoever was faster has to answer. */
const rivalMs = 2000;
const rivalEveryMs = 100;

/** Who offers the broker: this process, somebody else, or somebody who has the port and does not answer. */
export type BrokerOwner = "own" | "other" | "stuck";

/** See the module. */
export class EmbeddedBroker implements AsyncDisposable {
  /** Who offers it, when that was found out last. */
  owner: BrokerOwner | undefined;
  readonly #port: number;
  readonly #report: (line: string) => void;
  #broker: Broker | undefined;
  #securing: Promise<BrokerOwner> | undefined;
  #isClosed = false;

  /** @param port Where @param report Hears of take-overs, and of a port that somebody else sits on */
  constructor(port: number, report: (line: string) => void) {
    this.#port = port;
    this.#report = report;
  }

  /** Where it is. */
  get uri(): string {
    return `mqtt://${hostname}:${this.#broker?.port ?? this.#port}`;
  }

  /** Sees to it that there is a broker. */
  secure(): Promise<BrokerOwner> {
    return this.#securing ??= this.#secure().finally(() => this.#securing = undefined);
  }

  async #secure(): Promise<BrokerOwner> {
    if (this.#broker !== undefined) return "own";
    const before = this.owner;
    this.owner = await this.#find();
    if (this.owner === "stuck" && before !== "stuck") this.#report(stuckText(this.#port));
    if (this.owner === "own" && before !== undefined) {
      this.#report(`This server offers the message broker at ${this.uri} now`);
    }
    return this.owner;
  }

  async #find(): Promise<BrokerOwner> {
    if (await this.#answers(probeMs)) return "other";
    if (this.#isClosed) return "stuck";
    this.#broker = await offerBroker(hostname, this.#port);
    if (this.#broker !== undefined) return "own";
    const end = performance.now() + rivalMs;
    for (let left = rivalMs; left > 0 && !this.#isClosed; left = end - performance.now()) {
      if (await this.#answers(left)) return "other";
      await new Promise((done) => setTimeout(done, Math.min(rivalEveryMs, left)));
    }
    return "stuck";
  }

  async #answers(waitMs: number): Promise<boolean> {
    return await probeBroker(`mqtt://${hostname}:${this.#port}`, waitMs) === "answers";
  }

  /** Ends it, if it is this process' own; another server takes over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await this.#securing;
    await this.#broker?.[Symbol.asyncDispose]();
    this.#broker = undefined;
  }
}

/** What is wrong, and what helps. */
export function stuckText(port: number): string {
  return `Another program has ${hostname}:${port}, and does not answer as a message broker within ${
    rivalMs / 1000
  } s: ` +
    `stop it, or name a broker (-C kv.server.mqtt.uri=mqtt://HOST:PORT), or run without other servers (--alone)`;
}
