/**
 * Runs the link of one line: bytes to frames to the session, timers, text between frames. What is to be said to the satellite
 * is asked for when there is room, so that nothing waits that a newer word replaces.
 *
 * ```text
 * Line ─bytes─▶ FrameReader ─frames─▶ HostSession ─payloads─▶ messages ─▶ LinkUser
 *   ▲                └─text─▶ ReplWatch, LinkUser                            │
 *   └──────────────────frames◀── HostSession ◀── one frame ◀── nextMessage() ┘
 * ```
 *
 * @module
 */

import { createHmac } from "node:crypto";
import type { Hello } from "../../wire/link/control.ts";
import { KvError } from "../../wire/errors.ts";
import { encodeFrame } from "../../wire/link/frame.ts";
import { FrameReader } from "../../wire/link/frame_reader.ts";
import { type Admission, HostSession } from "../../wire/link/host_session.ts";
import { codes, encodeMessage, type LinkMessage, readMessages, splitEpoch } from "../../wire/link/messages.ts";
import { timingOf } from "../../wire/link/timing.ts";
import type { Line } from "./line/line.ts";
import { ReplWatch } from "./repl_watch.ts";

/** Who uses a link. None of these may throw, except where it says so. */
export interface LinkUser {
  /** Who says hello, and whether it may in. */
  admit(hello: Hello): Admission;
  /** A session is up. */
  opened(hello: Hello, isListKnown: boolean): void;
  /** A message came. What it throws is counted and reported; the link goes on. */
  message(message: LinkMessage): void;
  /** The next thing to say that has at most so many bytes, if there is one. */
  nextMessage(bytesMax: number): Uint8Array | undefined;
  /** The session is over. */
  closed(reason: string): void;
  /** A satellite was not let in. */
  refused(hello: Hello, text: string): void;
  /** Text came between frames. */
  console(text: string): void;
  /** The board sits at its prompt, or no more. */
  prompt(isAtPrompt: boolean): void;
  /** Something odd happened that somebody should know. */
  report(text: string): void;
}

/** What can be set of a link. */
export interface LinkDriverOptions {
  /** Nothing heard for so long: the satellite is down (10 s). */
  readonly silenceMs?: number;
  /** Whether a board at its prompt is started again. Only serial lines have prompts. */
  readonly recoversRepl?: boolean;
}

/** Counters of a link, for `stats`. */
export interface LinkStats {
  readonly frames: number;
  readonly damaged: number;
  readonly forged: number;
  readonly retransmitted: number;
  readonly repeated: number;
  /** Frames that the line had no room for; the link sends them again. */
  readonly unsent: number;
  readonly badMessages: number;
}

/** How often a quiet line is looked at for a prompt. */
const replLookMs = 1000;

/** One line's link. */
export class LinkDriver {
  readonly #line: Line;
  readonly #user: LinkUser;
  readonly #session: HostSession;
  readonly #reader: FrameReader;
  readonly #repl: ReplWatch;
  readonly #decoder = new TextDecoder();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timerAtMs = Infinity;
  #replTimer: ReturnType<typeof setInterval> | undefined;
  #unsent = 0;
  #badMessages = 0;

  constructor(line: Line, user: LinkUser, options: LinkDriverOptions = {}) {
    this.#line = line;
    this.#user = user;
    this.#repl = new ReplWatch(options.recoversRepl ?? line.baud !== undefined);
    this.#session = new HostSession({
      timing: timingOf(line.baud),
      silenceMs: options.silenceMs ?? 10_000,
      hmac: (key, data) => new Uint8Array(createHmac("sha256", key).update(data).digest()),
      nonce: () => crypto.getRandomValues(new Uint8Array(8)),
      epochMs: () => Date.now(),
      transmit: (data) => this.#transmit(data),
      admit: (hello) => user.admit(hello),
      opened: (hello, isListKnown) => user.opened(hello, isListKnown),
      deliver: (payload) => this.#deliver(payload),
      closed: (reason) => user.closed(reason),
      refused: (hello, text) => user.refused(hello, text),
    });
    this.#reader = new FrameReader({
      frame: (data) => this.#frame(data),
      console: (bytes) => this.#console(bytes),
      damaged: () => this.#session.damaged(performance.now()),
    });
  }

  /** Where it is. */
  get description(): string {
    return this.#line.description;
  }

  /** Whether a session is up. */
  get isUp(): boolean {
    return this.#session.isUp;
  }

  /** How it does. */
  get stats(): LinkStats {
    const window = this.#session.window;
    return {
      frames: this.#reader.frames,
      damaged: this.#reader.damagedFrames,
      forged: this.#session.forged,
      retransmitted: window?.retransmitted ?? 0,
      repeated: window?.repeated ?? 0,
      unsent: this.#unsent,
      badMessages: this.#badMessages,
    };
  }

  /** Runs until the line ends. Returns why it did. */
  async run(): Promise<string> {
    if (this.#line.baud !== undefined) this.#replTimer = setInterval(() => this.#lookForPrompt(), replLookMs);
    try {
      for await (const bytes of this.#line.received) {
        this.#reader.push(bytes, performance.now());
        this.pump();
      }
      const reason = await this.#line.closed;
      this.#session.lost(reason);
      return reason;
    } finally {
      clearTimeout(this.#timer);
      clearInterval(this.#replTimer);
    }
  }

  /** Says what there is to say, if there is room, and sets the clock for what is due. */
  pump(): void {
    const nowMs = performance.now();
    while (this.#session.canSend(nowMs)) {
      const payload = this.#nextPayload();
      if (payload === undefined) break;
      this.#session.send(payload, nowMs);
    }
    this.#schedule(nowMs);
  }

  /** Ends the session, and tells the satellite. */
  close(code?: number, text?: string): void {
    this.#session.close(code, text);
  }

  /** Sends raw bytes to a board at its prompt. */
  writeRaw(bytes: Uint8Array): boolean {
    return this.#line.write(bytes);
  }

  /** As many messages as a frame holds. */
  #nextPayload(): Uint8Array | undefined {
    let room = this.#session.payloadBytesMax;
    const messages: Uint8Array[] = [];
    for (let next = this.#user.nextMessage(room); next !== undefined; next = this.#user.nextMessage(room)) {
      messages.push(next);
      room -= next.length;
    }
    if (messages.length < 2) return messages[0];
    const payload = new Uint8Array(this.#session.payloadBytesMax - room);
    let at = 0;
    for (const message of messages) {
      payload.set(message, at);
      at += message.length;
    }
    return payload;
  }

  #schedule(nowMs: number): void {
    const atMs = Math.min(this.#session.wakeAtMs, this.#reader.wakeAtMs);
    if (atMs >= this.#timerAtMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = setTimeout(() => this.#time(), Math.max(0, atMs - nowMs));
  }

  #time(): void {
    this.#timerAtMs = Infinity;
    const nowMs = performance.now();
    this.#reader.time(nowMs);
    this.#session.time(nowMs);
    this.pump();
  }

  #transmit(data: Uint8Array): void {
    if (!this.#line.write(encodeFrame(data))) this.#unsent++;
  }

  #frame(data: Uint8Array): void {
    const nowMs = performance.now();
    const wasAtPrompt = this.#repl.isAtPrompt;
    this.#repl.frame(nowMs);
    if (wasAtPrompt) this.#user.prompt(false);
    this.#session.receive(data, nowMs);
  }

  #deliver(payload: Uint8Array): boolean {
    try {
      readMessages(payload, (message) => this.#message(message));
    } catch (error) {
      this.#bad(error);
    }
    return true;
  }

  #message(message: LinkMessage): void {
    if (message.code === codes.time) return this.#answerTime(message);
    try {
      this.#user.message(message);
    } catch (error) {
      this.#bad(error);
    }
  }

  #bad(error: unknown): void {
    if (!(error instanceof KvError)) throw error;
    this.#badMessages++;
    this.#user.report(`${this.#line.description}: ${error.message}`);
  }

  #answerTime({ rest: [ticks] }: LinkMessage): void {
    const nowMs = performance.now();
    if (!this.#session.canSend(nowMs)) return; // it asks again
    this.#session.send(encodeMessage(codes.time, [ticks ?? 0, ...splitEpoch(Date.now())]), nowMs);
  }

  #console(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes, { stream: true });
    this.#repl.text(text);
    this.#user.console(text);
  }

  #lookForPrompt(): void {
    const wasAtPrompt = this.#repl.isAtPrompt;
    const bytes = this.#repl.look(performance.now());
    if (this.#repl.isAtPrompt && !wasAtPrompt) this.#user.prompt(true);
    if (bytes !== undefined) this.#line.write(bytes);
  }
}
