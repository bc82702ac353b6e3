/**
 * MoaT-micro's layer over lines that lose: numbered messages, acknowledged, sent again. The window is the modulus, and half of
 * it may be on its way. Pure: the clock is given.
 *
 * | field | in | meaning |
 * | --- | --- | --- |
 * | `s` | data, ack | with `d`: this message's number; else the next one that will be used |
 * | `r` | data, ack | everything before it has arrived |
 * | `x` | data, ack | numbers behind `r` that have arrived |
 * | `d` | data | the payload |
 * | `a` `n` `c` `e` | control | `"r"`; 0 closed, 1 reset, 2 reset-ack, 3 ack of that; `{t: timeout ms, m: window}`; why |
 *
 * The original answers an ack that confirms something with another ack. We do not: it adds nothing.
 *
 * Source: `spec/wire.md` 4.
 *
 * @module
 */

import type { Value } from "../../value.ts";

/** What both ends agree on while they connect. */
export interface ReliableSettings {
  readonly timeoutMs: number;
  /** At least 4. */
  readonly window: number;
  /** The link has to be up within so many times the timeout. */
  readonly retries: number;
}

/** The original's own. */
export const defaultSettings: ReliableSettings = { timeoutMs: 1000, window: 8, retries: 5 };

/** What the layer is given, and what it tells. */
export interface ReliableParts {
  readonly settings?: Partial<ReliableSettings>;
  readonly transmit: (message: Value) => void;
  readonly deliver: (payload: Value) => void;
  readonly up: () => void;
  readonly down: (reason: string) => void;
}

/** A map that came. */
type Fields = { readonly [key: string]: Value };

/** A message that is not acknowledged. */
interface Outstanding {
  readonly payload: Value;
  dueAtMs: number;
  hasArrived: boolean;
}

const timeoutMsMin = 10;
const windowMin = 4;

/** `1`: we sent a reset; `2`: we heard one. */
type State = "closed" | "reset 1" | "reset 2" | "up";

/** One end. */
export class Reliable {
  /** Messages sent again. */
  retransmitted = 0;
  readonly #parts: ReliableParts;
  readonly #own: ReliableSettings;
  #state: State = "closed";
  #timeoutMs: number;
  #window: number;
  #head = 0;
  #expected = 0;
  #outstanding: Outstanding[] = [];
  readonly #early = new Map<number, Value>();
  readonly #waiting: Value[] = [];
  #resetAtMs = 0;
  #resetsLeft = 0;
  #ackAtMs = Infinity;

  constructor(parts: ReliableParts) {
    this.#parts = parts;
    this.#own = { ...defaultSettings, ...parts.settings };
    this.#timeoutMs = Math.max(timeoutMsMin, this.#own.timeoutMs);
    this.#window = Math.max(windowMin, this.#own.window);
  }

  /** Whether payloads flow. */
  get isUp(): boolean {
    return this.#state === "up";
  }

  /** Payloads that wait for room. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** When {@linkcode Reliable.time} wants to be called; Infinity: not at all. */
  get wakeAtMs(): number {
    if (this.#state === "closed") return Infinity;
    if (this.#state !== "up") return this.#resetAtMs;
    return Math.min(this.#ackAtMs, ...this.#outstanding.map((each) => each.hasArrived ? Infinity : each.dueAtMs));
  }

  /** Begins, or begins again. */
  start(nowMs: number, why?: string): void {
    this.#clear();
    this.#state = "reset 1";
    this.#resetsLeft = this.#own.retries;
    this.#resetAtMs = nowMs + this.#timeoutMs;
    this.#control(1, why);
  }

  /** Sends a payload, when there is room. */
  send(payload: Value, nowMs: number): void {
    this.#waiting.push(payload);
    this.#pump(nowMs);
  }

  /** Ends it. */
  close(why?: string): void {
    if (this.#state === "closed") return;
    this.#control(0, why);
    this.#end(why ?? "closed");
  }

  /** Takes a message. What makes no sense is passed over. */
  receive(message: Value, nowMs: number): void {
    if (!isFields(message)) return;
    if (message.a !== undefined) {
      if (message.a === "r") this.#heardControl(message, nowMs);
      return;
    }
    if (!this.#mayReceive(message, nowMs)) return;
    const { s, r } = message;
    if (!this.#isNumber(s) || !this.#isNumber(r)) return this.start(nowMs, "R/S out of bounds");
    this.#acknowledge(r, message.x);
    if (message.d !== undefined) this.#data(s, message.d, nowMs);
    else this.#peerNext(s, nowMs);
    this.#pump(nowMs);
  }

  /** Does what is due. */
  time(nowMs: number): void {
    if (this.#state === "closed") return;
    if (this.#state !== "up") return this.#resetAgain(nowMs);
    if (nowMs >= this.#ackAtMs) this.#ack(nowMs);
    this.#outstanding.forEach((each, i) => {
      if (each.hasArrived || nowMs < each.dueAtMs) return;
      this.retransmitted++;
      this.#transmit(this.#head - this.#outstanding.length + i, each, nowMs);
    });
  }

  /** Data before the handshake is over: from one who is up already, or from an earlier life. */
  #mayReceive(message: Fields, nowMs: number): boolean {
    if (this.#state === "up") return true;
    if (this.#state === "closed") return false;
    if (this.#state === "reset 1") {
      this.#control(1);
      return false;
    }
    if (message.d === undefined && message.s === undefined) return false;
    this.#open(nowMs); // its ack of our reset-ack was lost
    return true;
  }

  #heardControl(message: Fields, nowMs: number): void {
    switch (message.n) {
      case 0:
        return this.#end(typeof message.e === "string" ? message.e : "closed by the other end");
      case 1:
        return this.#heardReset(message.c, nowMs);
      case 2:
        if (this.#state === "closed") return this.start(nowMs);
        this.#agree(message.c);
        this.#control(3);
        if (this.#state !== "up") this.#open(nowMs);
        return;
      case 3:
        if (this.#state === "closed" || this.#state === "reset 1") return this.start(nowMs);
        this.#agree(message.c);
        if (this.#state !== "up") this.#open(nowMs);
    }
  }

  /** The other end begins, or begins again. */
  #heardReset(settings: Value | undefined, nowMs: number): void {
    if (this.#state === "closed") this.start(nowMs);
    if (this.#state === "up") {
      this.#parts.down("the other end began anew");
      this.#clear();
      this.#resetsLeft = this.#own.retries;
    }
    this.#agree(settings);
    this.#state = "reset 2";
    this.#resetAtMs = nowMs + this.#timeoutMs;
    this.#control(2);
  }

  #agree(settings: Value | undefined): void {
    if (!isFields(settings)) return;
    const { t, m } = settings;
    if (typeof t === "number") this.#timeoutMs = Math.max(timeoutMsMin, this.#own.timeoutMs, t);
    if (typeof m === "number") this.#window = Math.max(windowMin, Math.min(this.#own.window, m));
  }

  #open(nowMs: number): void {
    this.#state = "up";
    this.#parts.up();
    this.#pump(nowMs);
  }

  #resetAgain(nowMs: number): void {
    if (nowMs < this.#resetAtMs) return;
    if (this.#resetsLeft-- <= 0) return this.#end("the other end does not answer");
    this.#resetAtMs = nowMs + this.#timeoutMs;
    this.#control(this.#state === "reset 1" ? 1 : 2);
  }

  #clear(): void {
    this.#head = this.#expected = 0;
    this.#waiting.unshift(...this.#outstanding.map((each) => each.payload));
    this.#outstanding = [];
    this.#early.clear();
    this.#ackAtMs = Infinity;
  }

  #end(reason: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#clear();
    this.#waiting.length = 0;
    this.#parts.down(reason);
  }

  #control(n: number, e?: string): void {
    const c = { t: this.#timeoutMs, m: this.#window };
    this.#parts.transmit(
      n === 0 ? { a: "r", n, ...(e === undefined ? {} : { e }) } : {
        a: "r",
        n,
        c,
        ...(e === undefined ? {} : { e }),
      },
    );
  }

  #pump(nowMs: number): void {
    if (this.#state !== "up") return;
    while (this.#waiting.length > 0 && this.#outstanding.length < this.#window >> 1) {
      const each = { payload: this.#waiting.shift()!, dueAtMs: 0, hasArrived: false };
      this.#outstanding.push(each);
      this.#transmit(this.#head++, each, nowMs);
    }
  }

  #transmit(number: number, each: Outstanding, nowMs: number): void {
    each.dueAtMs = nowMs + this.#timeoutMs;
    this.#parts.transmit({ s: number % this.#window, d: each.payload, ...this.#received() });
  }

  #received(): Fields {
    const r = this.#expected % this.#window;
    if (this.#early.size === 0) return { r };
    return { r, x: [...this.#early.keys()].sort((a, b) => a - b).map((number) => number % this.#window) };
  }

  #ack(nowMs: number): void {
    this.#ackAtMs = this.#early.size > 0 ? nowMs + this.#timeoutMs : Infinity;
    this.#parts.transmit({ s: this.#head % this.#window, ...this.#received() });
  }

  #isNumber(value: Value | undefined): value is number {
    return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < this.#window;
  }

  #acknowledge(r: number, x: Value | undefined): void {
    const tail = this.#head - this.#outstanding.length;
    const count = this.#ahead(r, tail);
    if (count > this.#outstanding.length) return;
    this.#outstanding.splice(0, count);
    if (!Array.isArray(x)) return;
    for (const number of x) {
      if (!this.#isNumber(number)) continue;
      const each = this.#outstanding[this.#ahead(number, tail + count)];
      if (each !== undefined) each.hasArrived = true;
    }
  }

  #ahead(number: number, base: number): number {
    return (number - base % this.#window + this.#window) % this.#window;
  }

  #data(s: number, payload: Value, nowMs: number): void {
    const ahead = this.#ahead(s, this.#expected);
    if (ahead < this.#window >> 1) {
      this.#early.set(this.#expected + ahead, payload);
      while (this.#early.has(this.#expected)) {
        const next = this.#early.get(this.#expected)!;
        this.#early.delete(this.#expected++);
        this.#parts.deliver(next);
      }
    }
    if (this.#state === "up") this.#ack(nowMs);
  }

  /** A pure ack whose `s` is ahead tells of messages that are missing: ours is said again until they come. */
  #peerNext(s: number, nowMs: number): void {
    const ahead = this.#ahead(s, this.#expected);
    if (ahead > 0 && ahead <= this.#window >> 1) this.#ackAtMs = Math.min(this.#ackAtMs, nowMs + this.#timeoutMs);
  }
}

function isFields(value: Value | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.getPrototypeOf(value) === Object.prototype;
}
