/**
 * One satellite that is known by a name: what it says goes into the tree, what the tree wants goes to it.
 *
 * ```text
 * link ─report, error, result, log─▶ Satellite ─values, _err, _res, _log, state─▶ TreePort
 * link ◀─command, policy─ Commands ◀── Satellite ◀──_set, _do, _pol── tree
 * ```
 *
 * Source: `spec/satellite.md` 6.
 *
 * @module
 */

import { ProtocolError } from "../../wire/errors.ts";
import { capabilities, type Hello } from "../../wire/link/control.ts";
import { ageMs, codes, type LinkMessage, readAnnouncement, slotsMax } from "../../wire/link/messages.ts";
import { Float, type Value } from "../../wire/value.ts";
import { Commands } from "./commands.ts";
import { AppFiles } from "./app_files.ts";
import { ConfigPush } from "./config_push.ts";
import { access, HostSlot } from "./host_slot.ts";
import type { Layout } from "./layout.ts";
import type { LinkDriver } from "./link_driver.ts";
import type { TreePort } from "./tree_port.ts";

/** How a satellite is. */
export type SatelliteState = "up" | "down" | "unknown" | "safe" | "repl" | "updating" | "refused" | "clash";

/** Wishes for slots that are not announced; more are forgotten. */
const earlyMax = 3 * slotsMax;

/** What it is given. */
export interface SatelliteParts {
  readonly name: string;
  readonly layout: Layout;
  readonly tree: TreePort;
  /** The gateway's own name. */
  readonly owner: string;
  readonly nowMs: () => number;
  /** Gets answers about the board itself. */
  readonly answer?: (satellite: string, rest: readonly Value[]) => void;
  readonly report?: (text: string) => void;
}

/** A satellite. */
export class Satellite {
  readonly name: string;
  state: SatelliteState = "down";
  /** The hash of the announcements that are known. */
  listHash: Uint8Array | null = null;
  /** Samples that the satellite lost while it was alone. */
  lostSamples = 0;
  readonly #parts: SatelliteParts;
  readonly #slots: (HostSlot | undefined)[] = [];
  readonly #byPath = new Map<string, HostSlot>();
  readonly #commands: Commands;
  readonly #app: AppFiles;
  readonly #config: ConfigPush;
  /** What the tree wanted of slots before they were announced. */
  readonly #early = new Map<string, (slot: HostSlot) => void>();
  #link: LinkDriver | undefined;
  #hello: Hello | undefined;
  #sinceMs = 0;
  #heardMs = 0;

  constructor(parts: SatelliteParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#commands = new Commands(this.#slots);
    this.#app = new AppFiles((now) => parts.tree.set(this.#path.child("_app").child("_now"), now));
    this.#config = new ConfigPush((now) => parts.tree.set(this.#path.child("_cfg").child("_now"), now));
  }

  /** The link it is at, if it is. */
  get link(): LinkDriver | undefined {
    return this.#link;
  }

  /** The number of its chip, in hex, once it was here. */
  get uid(): string | undefined {
    return this.#hello?.uid.toHex();
  }

  /** A session is up. */
  opened(link: LinkDriver, hello: Hello, isListKnown: boolean): void {
    this.#link = link;
    this.#heardMs = this.#parts.nowMs();
    this.#hello = hello;
    if (!isListKnown) this.#forgetSlots();
    this.listHash = hello.listHash;
    this.#commands.reset();
    this.#config.reset();
    this.#setState((hello.capabilities & capabilities.safeMode) !== 0 ? "safe" : "up");
    this.#parts.tree.set(this.#path.child("owner"), this.#parts.owner);
  }

  /** The session is over. */
  closed(link: LinkDriver, state: SatelliteState = "down"): void {
    if (this.#link !== link) return;
    this.#link = undefined;
    this.#app.lost();
    this.#setState(state);
  }

  /** The board sits at its prompt, or no more. */
  prompt(isAtPrompt: boolean): void {
    if (this.state !== "up") this.#setState(isAtPrompt ? "repl" : "down");
  }

  /** Somebody saw that it is otherwise than this gateway knows. */
  setState(state: SatelliteState): void {
    this.#setState(state);
  }

  /** A message came. @throws {ProtocolError} If it makes no sense */
  message(message: LinkMessage): void {
    this.#heardMs = this.#parts.nowMs();
    if (message.code >= 0) return this.#report(message);
    switch (message.code) {
      case codes.announce:
        return this.#announced(new HostSlot(readAnnouncement(message)));
      case codes.result:
        return this.#result(message.rest);
      case codes.log:
        return this.#log(message.rest);
      case codes.gap:
        return this.#gap(message.rest);
      case codes.config:
        return this.#config.answer(message.rest);
      case codes.file:
        return this.#aboutFiles(message.rest);
      case codes.system:
        return this.#parts.answer?.(this.name, message.rest);
    }
  }

  /** The next thing to say. */
  nextMessage(bytesMax: number): Uint8Array | undefined {
    for (const slot of this.#commands.expired(this.#parts.nowMs())) this.#failMomentary(slot, "expired");
    return this.#commands.next(bytesMax) ?? this.#config.next(bytesMax) ?? this.#app.next(bytesMax);
  }

  /** Says something in its turn. @returns Whether there was room */
  say(message: Uint8Array): boolean {
    const hasRoom = this.#commands.push(message);
    this.#link?.pump();
    return hasRoom;
  }

  /** Somebody wants a slot to have a value; undefined: nobody wants anything any more. */
  wish(slotPath: string, value: Value | undefined): void {
    this.#withSlot(slotPath, "set", (slot) => {
      slot.desired = value;
      slot.isDesiredDue = value !== undefined;
      if (value !== undefined && !slot.has(access.settable)) this.#failed(slot, "This slot cannot be set");
    });
  }

  /** Somebody wants something done. */
  wishMomentary(slotPath: string, value: Value | undefined): void {
    this.#withSlot(slotPath, "do", (slot) => {
      slot.isMomentaryDue = value !== undefined;
      slot.momentary = value === undefined ? undefined : { atMs: this.#parts.nowMs() };
      if (value !== undefined && !slot.has(access.momentary)) this.#failMomentary(slot, "This slot is no button");
    });
  }

  /** Somebody wants a slot reported otherwise. */
  wishPolicy(slotPath: string, value: Value | undefined): void {
    this.#withSlot(slotPath, "policy", (slot) => {
      slot.policy = value === undefined ? slot.announcement.policy ?? [0, 0, 0, 0] : policyOf(value);
      slot.isPolicyDue = true;
    });
  }

  /** A file of the app that is wanted changed. */
  wishFile(name: string, value: Value | undefined): void {
    const problem = this.#app.fileChanged(name, value);
    if (problem !== undefined) this.#parts.report?.(`${this.name}: ${problem}`);
    this.#update();
  }

  /** Which app is wanted. */
  wishApp(value: Value | undefined): void {
    this.#app.wantChanged(value);
    this.#update();
  }

  /** How it is to be configured. */
  wishConfig(value: Value | undefined): void {
    this.#config.changed(value);
    this.#link?.pump();
  }

  /** What `stats` and the status entry show. */
  get status(): Value {
    const hello = this.#hello;
    return {
      state: this.state,
      since: seconds(this.#sinceMs),
      ...(this.#heardMs === 0 ? {} : { last: seconds(this.#heardMs) }),
      ...(this.#link === undefined ? {} : { link: this.#link.description }),
      ...(hello === undefined ? {} : { uid: hello.uid.toHex(), boot: hello.bootId, slots: hello.slots }),
      ...(this.lostSamples === 0 ? {} : { lost: this.lostSamples }),
    };
  }

  /** Writes the status entry: on every change, and now and then that it is still so. */
  refresh(): void {
    this.#parts.tree.set(this.#path, this.status);
  }

  get #path() {
    return this.#parts.layout.satellite(this.name);
  }

  #slotPath(slot: HostSlot) {
    return this.#parts.layout.slot(this.name, slot.path);
  }

  #setState(state: SatelliteState): void {
    if (state !== this.state || this.#sinceMs === 0) this.#sinceMs = this.#parts.nowMs();
    this.state = state;
    this.refresh();
  }

  #update(): void {
    if (this.#link === undefined || !this.#app.begin()) return;
    if (this.state === "up") this.#setState("updating");
    this.#link.pump();
  }

  #aboutFiles(rest: readonly Value[]): void {
    this.#app.answer(rest);
    if (!this.#app.isUpdating && this.state === "updating") this.#setState("up");
    this.#update();
    this.#link?.pump();
  }

  #forgetSlots(): void {
    this.#slots.length = 0;
    this.#byPath.clear();
  }

  #announced(slot: HostSlot): void {
    const index = slot.announcement.slot;
    if (
      index >= slotsMax || slot.path === "" || slot.path.split(".").some((word) => word === "" || word.startsWith("_"))
    ) {
      throw new ProtocolError(`A slot cannot be called '${slot.path}'`, 0);
    }
    const before = this.#byPath.get(slot.path);
    if (before !== undefined) slot.desired = before.desired, slot.policy = before.policy;
    this.#slots[index] = slot;
    this.#byPath.set(slot.path, slot);
    this.#parts.tree.set(this.#slotPath(slot).child("_meta"), slot.meta);
    for (const kind of ["set", "do", "policy"]) {
      this.#early.get(`${kind} ${slot.path}`)?.(slot);
      this.#early.delete(`${kind} ${slot.path}`);
    }
  }

  #report({ code, rest: [value, more] }: LinkMessage): void {
    const slot = this.#slots[code];
    if (slot === undefined || value === undefined) {
      throw new ProtocolError(`A report of slot ${code}, which is not announced`, 0);
    }
    if (value === null && typeof more === "string") return this.#error(slot, more);
    const tidy = slot.tidy(value);
    if (more !== undefined && more !== null) return this.#late(slot, tidy, more);
    this.#parts.tree.set(this.#slotPath(slot), tidy);
    if (slot.hasError) this.#parts.tree.delete(this.#slotPath(slot).child("_err"));
    slot.hasError = false;
  }

  #error(slot: HostSlot, text: string): void {
    slot.hasError = true;
    this.#parts.tree.set(this.#slotPath(slot).child("_err"), text);
  }

  /** A sample from the time when the satellite was alone: the present value came before it, so the entry stays. */
  #late(slot: HostSlot, value: Value, age: Value): void {
    if (typeof age !== "number") throw new ProtocolError("The age of a late report should be a number", 0);
    const time = seconds(this.#parts.nowMs() - ageMs(age));
    this.#parts.tree.tell(this.#slotPath(slot), { value, time });
  }

  #gap([lost]: readonly Value[]): void {
    if (typeof lost !== "number") throw new ProtocolError("A gap should say how many samples are missing", 0);
    this.lostSamples += lost;
    this.#parts.tree.tell(this.#path, { lost });
    this.refresh();
  }

  #result([id, result, code, text]: readonly Value[]): void {
    if (typeof id !== "number") throw new ProtocolError("A result should say of which command", 0);
    const command = this.#commands.result(id);
    if (command === undefined) return; // of an earlier session
    const { slot, isMomentary } = command;
    const isBad = result === null && code !== undefined;
    if (isMomentary) return isBad ? this.#failMomentary(slot, textOf(text)) : this.#doneMomentary(slot);
    if (isBad) return this.#failed(slot, textOf(text));
    if (slot.hasFailed) this.#parts.tree.delete(this.#slotPath(slot).child("_res"));
    slot.hasFailed = false;
  }

  #failed(slot: HostSlot, e: string): void {
    slot.hasFailed = true;
    this.#parts.tree.set(this.#slotPath(slot).child("_res"), { t: seconds(this.#parts.nowMs()), ok: false, e });
  }

  #doneMomentary(slot: HostSlot): void {
    slot.momentary = undefined;
    slot.isMomentaryDue = false;
    this.#parts.tree.delete(this.#slotPath(slot).child("_do"));
  }

  #failMomentary(slot: HostSlot, text: string): void {
    this.#doneMomentary(slot);
    this.#failed(slot, text);
  }

  #log([severity, text]: readonly Value[]): void {
    this.#parts.tree.set(this.#path.child("_log"), {
      t: seconds(this.#parts.nowMs()),
      sev: typeof severity === "number" ? severity : 6,
      text: textOf(text),
    });
  }

  #withSlot(slotPath: string, kind: string, body: (slot: HostSlot) => void): void {
    const slot = this.#byPath.get(slotPath);
    if (slot === undefined) {
      if (this.#early.size < earlyMax) this.#early.set(`${kind} ${slotPath}`, body);
      return;
    }
    body(slot);
    this.#link?.pump();
  }
}

function policyOf(value: Value): readonly Value[] {
  const fields = value as { readonly [key: string]: Value } | null;
  const field = (name: string) => {
    const given = fields?.[name];
    return typeof given === "number" || given instanceof Float ? given : 0;
  };
  return [field("min"), field("max"), field("db"), field("flags")];
}

function textOf(value: Value | undefined): string {
  return typeof value === "string" ? value : String(value ?? "");
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}
