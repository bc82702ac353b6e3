/**
 * Notices that a board sits at its prompt instead of running its satellite, and says how to get it out: Ctrl-C twice, Ctrl-B
 * (out of the raw REPL), Ctrl-D (soft reset). Pure: the clock is given.
 *
 * Source: `spec/satellite.md` 4.
 *
 * @module
 */

/** What brings a board from its prompt back to main.py. */
const recoveryBytes: Uint8Array = Uint8Array.of(3, 3, 2, 4);

/** What a board at its prompt, or one whose program failed, says. */
const signs = /(^|\n)(>>> |raw REPL; CTRL-B|Traceback \(most recent call last\)|=== )/;

/** So long without a frame, and the signs mean something. */
const silentMs = 2000;

/** The board gets so long to start. */
const betweenMs = 30_000;

/** The most text that is kept to look for signs. */
const textMax = 512;

/** One line's watch. */
export class ReplWatch {
  /** Whether the board is at its prompt. */
  isAtPrompt = false;
  #text = "";
  #frameMs = -Infinity;
  #sentMs = -Infinity;

  constructor(private readonly isOn: boolean) {}

  /** A frame came: the satellite runs. */
  frame(nowMs: number): void {
    this.#frameMs = nowMs;
    this.#text = "";
    this.isAtPrompt = false;
  }

  /** Text came between frames. */
  text(text: string): void {
    this.#text = (this.#text + text.replaceAll("\r", "")).slice(-textMax);
  }

  /** Looks. Returns what to send, if anything. */
  look(nowMs: number): Uint8Array | undefined {
    if (nowMs - this.#frameMs < silentMs || !signs.test(this.#text)) return undefined;
    this.isAtPrompt = true;
    if (!this.isOn || nowMs - this.#sentMs < betweenMs) return undefined;
    this.#sentMs = nowMs;
    this.#text = "";
    return recoveryBytes;
  }
}
