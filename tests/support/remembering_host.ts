/**
 * The user of a satellite's link that remembers what it hears and lets everybody in.
 *
 * @module
 */

import type { LinkDriver, LinkUser } from "../../satellite/gateway/link_driver.ts";
import type { Hello } from "../../wire/link/control.ts";
import type { Admission } from "../../wire/link/host_session.ts";
import { encodeMessage, type LinkMessage } from "../../wire/link/messages.ts";
import type { Value } from "../../wire/value.ts";

/** A host; give it to a LinkDriver. */
export class RememberingHost implements LinkUser {
  admission: Admission = { isAdmitted: true, security: "open", keys: [], listHash: null };
  readonly messages: LinkMessage[] = [];
  readonly hellos: Hello[] = [];
  readonly closings: string[] = [];
  readonly prompts: boolean[] = [];
  /** Third words of what was sent: the ids of commands. */
  readonly commandIds: Value[] = [];
  text = "";
  readonly #outbox: Uint8Array[] = [];
  #ended: string | undefined;
  #wake: () => void = () => {};

  /** Waits until what came is as wanted. @throws {Error} If it cannot become so any more */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#ended !== undefined) throw new Error(`It is over: ${this.#ended}\n${this.text}`);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Nothing more will come. */
  end(reason: string): void {
    this.#ended = reason;
    this.#wake();
  }

  /** Sends a message. */
  send(driver: LinkDriver, code: number, ...rest: Value[]): void {
    if (code >= 0) this.commandIds.push(rest[1]);
    this.#outbox.push(encodeMessage(code, rest, rest.length));
    driver.pump();
  }

  /** The messages of a code. */
  of(code: number): LinkMessage[] {
    return this.messages.filter((message) => message.code === code);
  }

  admit(): Admission {
    return this.admission;
  }

  opened(hello: Hello): void {
    this.hellos.push(hello);
    this.#wake();
  }

  message(message: LinkMessage): void {
    this.messages.push(message);
    this.#wake();
  }

  nextMessage(bytesMax: number): Uint8Array | undefined {
    return this.#outbox.length > 0 && this.#outbox[0].length <= bytesMax ? this.#outbox.shift() : undefined;
  }

  closed(reason: string): void {
    this.closings.push(reason);
    this.#wake();
  }

  refused(hello: Hello, text: string): void {
    this.end(`${hello.name} was refused: ${text}`);
  }

  console(text: string): void {
    this.text = (this.text + text).slice(-4000);
    this.#wake();
  }

  prompt(isAtPrompt: boolean): void {
    this.prompts.push(isAtPrompt);
    this.#wake();
  }

  report(text: string): void {
    this.end(text);
  }
}
