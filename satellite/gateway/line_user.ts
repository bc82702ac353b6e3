/**
 * What happens at one line: who is there, and whose messages these are.
 *
 * @module
 */

import { byeCodes, capabilities, type Hello } from "../../wire/link/control.ts";
import type { Admission } from "../../wire/link/host_session.ts";
import type { LinkMessage } from "../../wire/link/messages.ts";
import type { LinkDriver, LinkUser } from "./link_driver.ts";
import type { Satellites } from "./satellites.ts";
import type { Satellite } from "./satellite.ts";

/** The most console text that is reported at once. */
const consoleMax = 200;

/** One line. */
export class LineUser implements LinkUser {
  driver!: LinkDriver;
  readonly #satellites: Satellites;
  readonly #report: (text: string) => void;
  #satellite: Satellite | undefined;
  #text = "";

  constructor(satellites: Satellites, report: (text: string) => void) {
    this.#satellites = satellites;
    this.#report = report;
  }

  /** The satellite that was here last. */
  get satellite(): Satellite | undefined {
    return this.#satellite;
  }

  /** Who says hello, and whether it may in. */
  admit(hello: Hello): Admission {
    const uid = hello.uid.toHex();
    const known = this.#satellites.registry.get(uid) ?? this.#satellites.found(hello, this.driver.description);
    if (known === undefined) {
      return { isAdmitted: false, code: byeCodes.refused, text: "nobody has accepted this satellite yet" };
    }
    const present = this.#satellites.of(known.name);
    if (present.link !== undefined && present.uid !== uid) {
      present.setState("clash");
      return { isAdmitted: false, code: byeCodes.clash, text: `another satellite is called ${known.name}, too` };
    }
    const { keys, security, name } = known;
    return { isAdmitted: true, keys, security, listHash: this.#satellites.of(name).listHash };
  }

  /** A session is up. */
  opened(hello: Hello, isListKnown: boolean): void {
    const known = this.#satellites.registry.get(hello.uid.toHex());
    if (known === undefined) return this.driver.close(byeCodes.refused, "no longer accepted");
    this.#satellite = this.#satellites.of(known.name);
    const before = this.#satellite.link;
    if (before !== undefined && before !== this.driver) before.close(byeCodes.clash, "it has another line now");
    this.#satellite.opened(this.driver, hello, isListKnown);
    if ((hello.capabilities & capabilities.safeMode) !== 0) this.#report(`${known.name} is in safe mode`);
  }

  /** A message came. */
  message(message: LinkMessage): void {
    this.#satellite?.message(message);
  }

  /** The next thing to say. */
  nextMessage(bytesMax: number): Uint8Array | undefined {
    return this.#satellite?.nextMessage(bytesMax);
  }

  /** The session is over. */
  closed(reason: string): void {
    if (this.#satellite === undefined) return;
    this.#report(`${this.#satellite.name} is down: ${reason}`);
    this.#satellite.closed(this.driver);
  }

  /** A satellite was not let in. */
  refused(hello: Hello, text: string): void {
    const known = this.#satellites.registry.get(hello.uid.toHex());
    if (known === undefined) return; // it shows below _new
    this.#report(`${known.name} at ${this.driver.description} is refused: ${text}`);
    if (this.#satellites.of(known.name).link === undefined) this.#satellites.of(known.name).setState("refused");
  }

  /** Text came between frames: whole lines are told. */
  console(text: string): void {
    this.#text = (this.#text + text).slice(-10 * consoleMax);
    const lines = this.#text.split("\n");
    this.#text = lines.pop()!;
    for (const line of lines) {
      // deno-lint-ignore no-control-regex -- what a damaged frame leaves is no text
      const clean = line.replace(/[\x00-\x08\x0b-\x1f\x7f\ufffd]/g, "").trim();
      if (clean !== "") {
        this.#satellites.console(this.#satellite?.name, this.driver.description, clean.slice(0, consoleMax));
      }
    }
  }

  /** The board sits at its prompt, or no more. */
  prompt(isAtPrompt: boolean): void {
    this.#satellite?.prompt(isAtPrompt);
    if (isAtPrompt) this.#report(`${this.driver.description}: a board sits at its prompt`);
  }

  /** Something odd. */
  report(text: string): void {
    this.#report(text);
  }
}
