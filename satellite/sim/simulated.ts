/**
 * A satellite without hardware: the device library's own files in MicroPython, in a worker, at the other end of a line.
 *
 * @module
 */

import { ByteQueue } from "../gateway/line/byte_queue.ts";
import type { Line } from "../gateway/line/line.ts";
import { deviceFiles } from "./device_files.ts";
import type { FromSatellite, ToSatellite } from "./protocol.ts";

/** What it is. */
export interface SimulatedOptions {
  /** Python of the app; `line()` is its line, and it ends with `await s.main()`. */
  readonly main: string;
  /** Its whole file system, absolute paths. Default: the library below `/lib`. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  /** Added to its clock. */
  readonly clockOffsetMs?: number;
  /** Bits per second that it believes its line to have. */
  readonly baud?: number;
  /** Of a million bytes from the satellite, so many are damaged. */
  readonly damagedPerMillion?: number;
  /** What it prints. */
  readonly onText?: (text: string) => void;
  /** Its program has ended. */
  readonly onEnd?: (error: string | undefined) => void;
  /** Its program wants a reset. */
  readonly onReset?: () => void;
}

/** A running one. */
export class SimulatedSatellite implements Line {
  readonly description: string;
  readonly baud: number | undefined = undefined;
  readonly received = new ByteQueue();
  readonly closed: Promise<string>;
  readonly #worker: Worker;
  readonly #answers = new Map<number, (message: FromSatellite) => void>();
  readonly #options: SimulatedOptions;
  readonly #ready: Promise<void>;
  #end!: (reason: string) => void;
  #isReady!: () => void;
  #isPlugged = true;
  #isOn = true;
  #lastId = 0;

  private constructor(description: string, options: SimulatedOptions) {
    this.description = description;
    this.#options = options;
    this.closed = new Promise((resolve) => this.#end = resolve);
    this.#ready = new Promise((resolve) => this.#isReady = resolve);
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromSatellite>) => this.#message(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      options.onEnd?.(event.message);
    };
  }

  /** Switches one on. */
  static async start(description: string, options: SimulatedOptions): Promise<SimulatedSatellite> {
    const files = options.files ?? new Map([...await deviceFiles()].map(([name, bytes]) => [`/lib/${name}`, bytes]));
    const satellite = new SimulatedSatellite(description, options);
    satellite.#post({
      kind: "start",
      files,
      main: options.main,
      clockOffsetMs: options.clockOffsetMs ?? 0,
      baud: options.baud ?? 0,
    });
    return satellite;
  }

  /** Bytes to the satellite. */
  write(bytes: Uint8Array): boolean {
    if (!this.#isOn || !this.#isPlugged) return this.#isOn;
    this.#post({ kind: "bytes", bytes: bytes.slice() });
    return true;
  }

  /** Pulls the cable, or plugs it in again. The line stays open: nothing comes through. */
  plug(isPlugged: boolean): void {
    this.#isPlugged = isPlugged;
  }

  /** Sets its clock. */
  setClock(offsetMs: number): void {
    this.#post({ kind: "clock", offsetMs });
  }

  /** Runs Python in it, beside its program. @throws {Error} What that raises */
  async run(code: string): Promise<string> {
    const answer = await this.#ask((id) => ({ kind: "run", id, code }));
    if (answer.kind !== "result") throw new TypeError("Not the answer");
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.text;
  }

  /** Its file system, as a power cut at this moment would leave it. */
  async files(): Promise<ReadonlyMap<string, Uint8Array>> {
    const answer = await this.#ask((id) => ({ kind: "files", id }));
    if (answer.kind !== "files") throw new TypeError("Not the answer");
    return answer.files;
  }

  async #ask(message: (id: number) => ToSatellite): Promise<FromSatellite> {
    await this.#ready;
    const id = ++this.#lastId;
    return await new Promise((resolve) => {
      this.#answers.set(id, resolve);
      this.#post(message(id));
    });
  }

  #post(message: ToSatellite): void {
    this.#worker.postMessage(message);
  }

  #message(message: FromSatellite): void {
    switch (message.kind) {
      case "bytes":
        if (this.#isPlugged) this.received.push(damagedBytes(message.bytes, this.#options.damagedPerMillion ?? 0));
        break;
      case "ready":
        this.#isReady();
        break;
      case "text":
        this.#options.onText?.(message.text);
        break;
      case "ended":
        this.#options.onEnd?.(message.error);
        break;
      case "reset":
        this.#options.onReset?.();
        break;
      case "result":
      case "files":
        this.#answers.get(message.id)?.(message);
        this.#answers.delete(message.id);
    }
  }

  /** Switches it off: as a power cut does. */
  [Symbol.asyncDispose](): Promise<void> {
    if (this.#isOn) {
      this.#isOn = false;
      this.#worker.terminate();
      this.received.end();
      this.#end("switched off");
    }
    return Promise.resolve();
  }
}

/** Turns a bit of some bytes. */
function damagedBytes(bytes: Uint8Array, perMillion: number): Uint8Array {
  if (perMillion === 0) return bytes;
  return bytes.map((byte) => Math.random() * 1e6 < perMillion ? byte ^ 1 << Math.floor(Math.random() * 8) : byte);
}
