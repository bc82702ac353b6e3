/**
 * The host's end of a session with one satellite: answers its hello, checks keys and signatures, runs the window, notices
 * silence. Pure: clock, chance and HMAC are given.
 *
 * ```text
 * down ─hello, admitted─▶ offered ─confirm─▶ up ─silence, bye─▶ down
 *                                            │  ▲
 *                                            └──┘ a hello only offers a new one: the old one lasts until the confirm
 * ```
 *
 * @module
 */

import { KvError } from "../errors.ts";
import { type Bye, byeCodes, capabilities, type Control, decodeControl, encodeControl, type Hello } from "./control.ts";
import { linkVersion } from "./control.ts";
import { kindOf } from "./header.ts";
import { Handshake, type Hmac, sameBytes, Signer } from "./signature.ts";
import type { LinkTiming } from "./timing.ts";
import { LinkWindow } from "./window.ts";

/** How much a link has to prove: nothing, that both have the key, that every frame is from who has it. */
export type LinkSecurity = "open" | "auth" | "sign";

/** What the host knows of a satellite that says hello. */
export type Admission =
  | {
    readonly isAdmitted: true;
    /** The least that is accepted. */
    readonly security: LinkSecurity;
    /** The satellite's keys, two while one replaces the other; none: it has none. */
    readonly keys: readonly Uint8Array[];
    /** The list hash whose announcements are known. */
    readonly listHash: Uint8Array | null;
  }
  | { readonly isAdmitted: false; readonly code: number; readonly text: string };

/** What the session is given, and what it tells. */
export interface HostSessionParts {
  readonly timing: LinkTiming;
  /** Nothing heard for so long: the satellite is down. */
  readonly silenceMs: number;
  readonly hmac: Hmac;
  readonly nonce: () => Uint8Array;
  readonly epochMs: () => number;
  /** Puts these data into a frame and on the line. */
  readonly transmit: (data: Uint8Array) => void;
  readonly admit: (hello: Hello) => Admission;
  /** A session is up. */
  readonly opened: (hello: Hello, isListKnown: boolean) => void;
  /** A payload of messages came. `false`: there is no room for it. */
  readonly deliver: (payload: Uint8Array) => boolean;
  /** The session that was up is over. */
  readonly closed: (reason: string) => void;
  /** A satellite was not let in. */
  readonly refused: (hello: Hello, text: string) => void;
}

/** A session that the satellite has not confirmed yet. */
interface Offer {
  readonly hello: Hello;
  readonly welcome: Uint8Array;
  readonly isListKnown: boolean;
  readonly handshake: Handshake | undefined;
  /** What a confirm has to carry. */
  readonly proof: Uint8Array;
}

/** At most one bye to frames without a session in this time. */
const byeGapMs = 500;

/** A satellite that has not confirmed after so many welcomes has another key. */
const welcomesMax = 6;

/** One line's session. */
export class HostSession {
  /** Frames whose signature was wrong. */
  forged = 0;
  /** Frames of this kind that made no sense. */
  refusedFrames = 0;
  readonly #parts: HostSessionParts;
  /** One per key, all of one hello. */
  #offers: Offer[] = [];
  #offersMade = 0;
  /** Welcomes since the hello that none confirmed. */
  #unheeded = 0;
  #current: Offer | undefined;
  #window: LinkWindow | undefined;
  #signer: Signer | undefined;
  #heardMs = -Infinity;
  #byeMs = -Infinity;

  constructor(parts: HostSessionParts) {
    this.#parts = parts;
  }

  /** Whether a session is up. */
  get isUp(): boolean {
    return this.#window !== undefined;
  }

  /** The frames of the session that is up. */
  get window(): LinkWindow | undefined {
    return this.#window;
  }

  /** Bytes that a frame's payload may have. */
  get payloadBytesMax(): number {
    return 126 - (this.#signer?.bytes ?? 0);
  }

  /** When {@linkcode HostSession.time} wants to be called; Infinity: not at all. */
  get wakeAtMs(): number {
    return this.#window === undefined
      ? Infinity
      : Math.min(this.#window.wakeAtMs, this.#heardMs + this.#parts.silenceMs);
  }

  /** Whether {@linkcode HostSession.send} may be called. */
  canSend(nowMs: number): boolean {
    return this.#window?.canSend(nowMs) ?? false;
  }

  /** Sends messages. @throws {RangeError} If the window is full, or no session is up */
  send(payload: Uint8Array, nowMs: number): void {
    if (this.#window === undefined) throw new RangeError("No session is up");
    this.#window.send(payload, nowMs);
  }

  /** Takes the data of a frame. Whatever it is, the session goes on. */
  receive(data: Uint8Array, nowMs: number): void {
    const kind = kindOf(data[0]);
    if (kind === "control") return this.#control(data, nowMs);
    if (kind === "foreign") return void this.refusedFrames++;
    const window = this.#window;
    if (window === undefined) return this.#noSession(nowMs);
    if (this.#isBetween) return;
    const plain = this.#signer === undefined ? data : this.#signer.verify(data, window.counterOf(data[0]), "up");
    if (plain === undefined) return void this.forged++;
    this.#heardMs = nowMs;
    window.receive(plain, nowMs);
  }

  /**
   * Whether a new session is offered. Without signatures nothing tells its frames from those of the old one, so until it is
   * confirmed none are taken and none go.
   */
  get #isBetween(): boolean {
    return this.#signer === undefined && this.#offers.length > 0;
  }

  /** A frame arrived damaged. */
  damaged(nowMs: number): void {
    this.#window?.damaged(nowMs);
  }

  /** Does what is due. */
  time(nowMs: number): void {
    if (this.#window === undefined) return;
    if (nowMs >= this.#heardMs + this.#parts.silenceMs) {
      return this.#end(`nothing heard for ${this.#parts.silenceMs} ms`);
    }
    this.#window.time(nowMs);
  }

  /** Ends the session and says so. */
  close(code: number = byeCodes.leaving, text: string = ""): void {
    this.#bye(code, text);
    this.#offers = [];
    this.#end("closed by the host");
  }

  /** The line is gone. */
  lost(reason: string): void {
    this.#offers = [];
    this.#end(reason);
  }

  #control(data: Uint8Array, nowMs: number): void {
    let control: Control;
    try {
      control = decodeControl(data);
    } catch (error) {
      if (!(error instanceof KvError)) throw error;
      return void this.refusedFrames++;
    }
    if (control.kind === "hello") this.#hello(control, nowMs);
    else if (control.kind === "confirm") this.#confirm(control.mac, nowMs);
    else if (control.kind === "bye") this.#left(control);
    else this.refusedFrames++;
  }

  #hello(hello: Hello, nowMs: number): void {
    if (this.#offers.length > 0 && isSameHello(this.#offers[0].hello, hello)) return this.#welcome();
    const admission = this.#admit(hello);
    if (!admission.isAdmitted) {
      this.#parts.refused(hello, admission.text);
      return this.#bye(admission.code, admission.text, nowMs);
    }
    this.#offers = this.#offer(hello, admission);
    this.#unheeded = 0;
    this.#welcome();
  }

  /** A satellite repeats its hello until a welcome proves its key; while there are two keys, each has its turn. */
  #welcome(): void {
    const [{ hello, handshake }] = this.#offers;
    if (++this.#unheeded === welcomesMax && handshake !== undefined) {
      this.#parts.refused(hello, "It heeds no welcome: its key is another one, or it hears nothing");
    }
    this.#parts.transmit(this.#offers[this.#offersMade++ % this.#offers.length].welcome);
  }

  #admit(hello: Hello): Admission {
    if (hello.version < 1) return refusal(byeCodes.refused, `Version ${hello.version} of the link is not known here`);
    const admission = this.#parts.admit(hello);
    if (!admission.isAdmitted) return admission;
    const given = securityOf(hello);
    if (levels.indexOf(given) < levels.indexOf(admission.security)) {
      return refusal(byeCodes.refused, `This link has to be '${admission.security}', the satellite offers '${given}'`);
    }
    if (given !== "open" && admission.keys.length === 0) return refusal(byeCodes.wrongKey, "Its key is not known here");
    return admission;
  }

  /** One per key: the satellite's confirm tells which it has. */
  #offer(hello: Hello, admission: Admission & { isAdmitted: true }): Offer[] {
    const { hmac, nonce, epochMs } = this.#parts;
    const hostNonce = nonce();
    const keys = securityOf(hello) === "open" ? [undefined] : admission.keys;
    const isListKnown = admission.listHash !== null && sameBytes(admission.listHash, hello.listHash);
    return keys.map((key) => {
      const handshake = key === undefined ? undefined : new Handshake(hmac, key, hello.nonce, hostNonce);
      const welcome = encodeControl({
        kind: "welcome",
        version: linkVersion,
        epochMs: epochMs(),
        listHash: admission.listHash,
        nonce: hostNonce,
        mac: handshake === undefined ? null : handshake.hostMac(hello.name),
      });
      return { hello, welcome, isListKnown, handshake, proof: handshake?.satelliteMac(hello.uid) ?? hostNonce };
    });
  }

  #confirm(mac: Uint8Array | null, nowMs: number): void {
    const isRight = (offer: Offer) => mac !== null && sameBytes(mac, offer.proof);
    if (this.#current !== undefined && this.#window !== undefined && this.#offers.length === 0) {
      // Said again because our ack was lost.
      if (isRight(this.#current)) this.#window.setBusy(false);
      return;
    }
    const offer = this.#offers.find(isRight);
    if (offer !== undefined) return this.#open(offer, nowMs);
    if (this.#offers.length === 0) return this.#noSession(nowMs);
    // Of an older offer, or of somebody without the key: the satellite hears our welcome again if it is one that has it.
    this.forged++;
  }

  #open(offer: Offer, nowMs: number): void {
    const { hello, handshake, isListKnown } = offer;
    this.#end("the satellite began anew");
    this.#offers = [];
    this.#current = offer;
    this.#heardMs = nowMs;
    const signs = (hello.capabilities & capabilities.sign) !== 0 && handshake !== undefined;
    const bytes = (hello.capabilities & capabilities.longSignature) !== 0 ? 8 : 4;
    this.#signer = signs ? new Signer(this.#parts.hmac, handshake.sessionKey(), bytes) : undefined;
    const window = new LinkWindow(this.#parts.timing, (data, n) => this.#transmit(data, n), this.#parts.deliver);
    this.#window = window;
    window.setBusy(false); // the first ack
    this.#parts.opened(hello, isListKnown);
  }

  #transmit(data: Uint8Array, counter: number): void {
    // A satellite that has heard the new welcome would take these for frames of the new session.
    if (this.#isBetween) return;
    this.#parts.transmit(this.#signer === undefined ? data : this.#signer.sign(data, counter, "down"));
  }

  #left(bye: Bye): void {
    // Nobody signs a bye: under signatures it proves nothing, and the silence that follows a real one does.
    if (this.#signer === undefined) this.#end(bye.text === "" ? "the satellite said goodbye" : bye.text);
  }

  #noSession(nowMs: number): void {
    this.#bye(byeCodes.noSession, "", nowMs);
  }

  #bye(code: number, text: string, nowMs?: number): void {
    if (nowMs !== undefined) {
      if (nowMs - this.#byeMs < byeGapMs) return;
      this.#byeMs = nowMs;
    }
    this.#parts.transmit(encodeControl({ kind: "bye", code, text: text.slice(0, 80) }));
  }

  #end(reason: string): void {
    const wasUp = this.#window !== undefined;
    this.#window = this.#signer = this.#current = undefined;
    if (wasUp) this.#parts.closed(reason);
  }
}

const levels: readonly LinkSecurity[] = ["open", "auth", "sign"];

function securityOf(hello: Hello): LinkSecurity {
  if ((hello.capabilities & capabilities.sign) !== 0) return "sign";
  return (hello.capabilities & capabilities.auth) !== 0 ? "auth" : "open";
}

function refusal(code: number, text: string): Admission {
  return { isAdmitted: false, code, text };
}

function isSameHello(a: Hello, b: Hello): boolean {
  return a.bootId === b.bootId && sameBytes(a.nonce, b.nonce) && sameBytes(a.uid, b.uid);
}
