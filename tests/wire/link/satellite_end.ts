/**
 * The satellite's end of a link, as the device library does it, for tests on a virtual clock.
 *
 * @module
 */

import { capabilities, type Control, decodeControl, encodeControl, linkVersion } from "../../../wire/link/control.ts";
import { kindOf } from "../../../wire/link/header.ts";
import { Handshake, type Hmac, sameBytes, Signer } from "../../../wire/link/signature.ts";
import type { LinkTiming } from "../../../wire/link/timing.ts";
import { LinkWindow } from "../../../wire/link/window.ts";
import { KvError } from "../../../wire/errors.ts";

/** What it is given. */
export interface SatelliteEndParts {
  readonly timing: LinkTiming;
  readonly hmac: Hmac;
  readonly key: Uint8Array | undefined;
  readonly signs: boolean;
  readonly nonce: () => Uint8Array;
  readonly transmit: (data: Uint8Array) => void;
  readonly opened: () => void;
  readonly deliver: (payload: Uint8Array) => boolean;
}

const helloMs = 500;
const helloMsMax = 5000;
const confirmMs = 250;
const pingMs = 3000;
const silenceMs = 10_000;

/** A satellite that says hello until it has a session, and again when the session ends. */
export class SatelliteEnd {
  window: LinkWindow | undefined;
  readonly uid: Uint8Array = Uint8Array.of(1, 2, 3, 4);
  readonly #parts: SatelliteEndParts;
  readonly #bootId: number;
  #nonce: Uint8Array;
  #hostNonce: Uint8Array = new Uint8Array();
  #signer: Signer | undefined;
  #confirm: Uint8Array | undefined;
  #waitMs = helloMs;
  #confirmsLeft = 0;
  #dueAtMs = 0;
  #heardMs = 0;
  #pingedMs = 0;

  constructor(parts: SatelliteEndParts, bootId: number) {
    this.#parts = parts;
    this.#bootId = bootId;
    this.#nonce = parts.nonce();
  }

  /** Whether both ends know of the session. */
  get isUp(): boolean {
    return this.window !== undefined && this.#confirm === undefined;
  }

  get wakeAtMs(): number {
    if (this.window === undefined) return this.#dueAtMs;
    const due = this.#confirm === undefined ? Math.min(this.#heardMs + silenceMs, this.#pingAtMs) : this.#dueAtMs;
    return Math.min(this.window.wakeAtMs, due);
  }

  get #pingAtMs(): number {
    return Math.max(this.#heardMs, this.#pingedMs) + pingMs;
  }

  /** Whether a ping is wanted; it is asked for once. */
  wantsPing(nowMs: number): boolean {
    if (!this.isUp || nowMs < this.#pingAtMs) return false;
    this.#pingedMs = nowMs;
    return true;
  }

  receive(data: Uint8Array, nowMs: number): void {
    if (kindOf(data[0]) === "control") return this.#control(data, nowMs);
    if (this.window === undefined || kindOf(data[0]) === "foreign") return;
    const plain = this.#signer === undefined ? data : this.#signer.verify(data, this.window.counterOf(data[0]), "down");
    if (plain === undefined) return;
    this.#heardMs = nowMs;
    this.#confirm = undefined;
    this.window.receive(plain, nowMs);
  }

  time(nowMs: number): void {
    if (this.window === undefined) {
      if (nowMs >= this.#dueAtMs) this.#hello(nowMs);
    } else if (this.#confirm === undefined && nowMs >= this.#heardMs + silenceMs) this.#reset(nowMs);
    else {
      if (this.#confirm !== undefined && nowMs >= this.#dueAtMs) this.#sendConfirm(nowMs);
      this.window?.time(nowMs);
    }
  }

  #hello(nowMs: number): void {
    this.#dueAtMs = nowMs + this.#waitMs;
    this.#waitMs = Math.min(this.#waitMs * 1.5, helloMsMax);
    const bits = this.#parts.key === undefined ? 0 : capabilities.auth | (this.#parts.signs ? capabilities.sign : 0);
    this.#parts.transmit(encodeControl({
      kind: "hello",
      version: linkVersion,
      name: "sat",
      uid: this.uid,
      bootId: this.#bootId,
      slots: 1,
      listHash: Uint8Array.of(9),
      capabilities: bits,
      nonce: this.#nonce,
    }));
  }

  #control(data: Uint8Array, nowMs: number): void {
    let control: Control;
    try {
      control = decodeControl(data);
    } catch (error) {
      if (error instanceof KvError) return;
      throw error;
    }
    if (control.kind === "welcome") this.#welcome(control.nonce, control.mac, nowMs);
    if (control.kind === "bye" && this.window !== undefined) this.#reset(nowMs);
  }

  #welcome(hostNonce: Uint8Array, mac: Uint8Array | null, nowMs: number): void {
    // The welcome of this very session, heard twice: to begin again would be a session that the host knows nothing of.
    if (this.window !== undefined && sameBytes(hostNonce, this.#hostNonce)) return;
    const { key, hmac, signs } = this.#parts;
    let proof = hostNonce;
    let signer: Signer | undefined;
    if (key !== undefined) {
      const handshake = new Handshake(hmac, key, this.#nonce, hostNonce);
      if (mac === null || !sameBytes(mac, handshake.hostMac("sat"))) return;
      proof = handshake.satelliteMac(this.uid);
      if (signs) signer = new Signer(hmac, handshake.sessionKey(), 4);
    }
    this.#hostNonce = hostNonce;
    const confirm = encodeControl({ kind: "confirm", mac: proof });
    this.#signer = signer;
    this.#confirm = confirm;
    this.window = new LinkWindow(this.#parts.timing, (frame, n) => {
      this.#parts.transmit(signer === undefined ? frame : signer.sign(frame, n, "up"));
    }, this.#parts.deliver);
    this.#heardMs = nowMs;
    this.#parts.opened();
    this.#confirmsLeft = 40;
    this.#sendConfirm(nowMs);
  }

  #sendConfirm(nowMs: number): void {
    if (this.#confirmsLeft-- === 0) return this.#reset(nowMs);
    this.#dueAtMs = nowMs + confirmMs;
    this.#parts.transmit(this.#confirm!);
  }

  #reset(nowMs: number): void {
    this.window = this.#signer = this.#confirm = undefined;
    this.#nonce = this.#parts.nonce();
    this.#waitMs = helloMs;
    this.#hello(nowMs);
  }

  damaged(nowMs: number): void {
    this.window?.damaged(nowMs);
  }
}
