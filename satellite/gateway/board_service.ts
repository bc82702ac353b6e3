/**
 * Questions to boards, asked by message: whoever holds the satellite answers.
 *
 * | topic | data |
 * | --- | --- |
 * | `satellite.do` | `{id, satellite, op, ?args}` |
 * | `satellite.did.ID` | `{result}` or `{error}` |
 *
 * | op | args | result |
 * | --- | --- | --- |
 * | `stats` | | `{link: {…}, board: [free heap, …]}` |
 * | `reset` | `["soft" or "hard"]` | `true` |
 * | `safe` | | `true`: the rescue copy runs after the reset |
 * | `ls` | `[path]` | `[[name, size], …]` |
 * | `run` | `[expression]` | its repr |
 * | `memory` | | `[free, used]` bytes |
 *
 * @module
 */

import type { Client } from "../../client/client.ts";
import { KvError } from "../../wire/errors.ts";
import { codes, encodeMessage } from "../../wire/link/messages.ts";
import { Path } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";
import type { Satellite } from "./satellite.ts";

/** Where questions are asked. */
export const askTopic: Path = Path.of("satellite", "do");

/** Where they are answered; the last level is the question's id. */
export const answerTopic: Path = Path.of("satellite", "did");

/** The operations by their numbers on the link. */
const operations: Readonly<Record<string, number>> = { stats: 1, reset: 2, safe: 3, ls: 4, run: 5, memory: 6 };

/** A board gets so long to answer. */
const answerMs = 5000;

/** Questions that wait for an answer. */
const waitingMax = 100;

/** Who waits for a board's answer. */
interface Waiting {
  readonly lines: Value[];
  readonly done: (result: Value) => void;
  readonly fail: (text: string) => void;
}

/** Answers questions about the satellites of one gateway. */
export class BoardService {
  readonly #client: Client;
  readonly #find: (name: string) => Satellite | undefined;
  readonly #report: (text: string) => void;
  readonly #waiting = new Map<string, Waiting>();

  constructor(client: Client, find: (name: string) => Satellite | undefined, report: (text: string) => void) {
    this.#client = client;
    this.#find = find;
    this.#report = report;
  }

  /** Answers until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      for await (const { data } of this.#client.msgMonitor(askTopic, { signal })) void this.#asked(data);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof KvError)) throw error;
      this.#report(`Cannot hear questions to boards: ${error.message}`);
    }
  }

  /** A board's answer: what follows the code. */
  answer(name: string, [op, ...rest]: readonly Value[]): void {
    const key = `${name} ${op}`;
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    if (rest[0] === null && typeof rest[1] === "string") return this.#over(key, () => waiting.fail(rest[1] as string));
    if (op !== operations.ls) return this.#over(key, () => waiting.done(rest.length === 1 ? rest[0] : rest));
    if (rest.length === 0) return this.#over(key, () => waiting.done(waiting.lines));
    waiting.lines.push(rest);
  }

  #over(key: string, tell: () => void): void {
    this.#waiting.delete(key);
    tell();
  }

  async #asked(data: Value | undefined): Promise<void> {
    const { id, satellite: name, op, args } = (data ?? {}) as { readonly [key: string]: Value | undefined };
    if (typeof id !== "string" || typeof name !== "string" || typeof op !== "string") return;
    const satellite = this.#find(name);
    if (satellite?.link === undefined) return; // another gateway has it, or nobody
    let answer: Value;
    try {
      answer = { result: await this.#ask(satellite, op, Array.isArray(args) ? args : []) };
    } catch (error) {
      answer = { error: (error as Error).message };
    }
    await this.#client.msgSend(answerTopic.child(id), { data: answer }).catch(() => {}); // who asked has gone
  }

  async #ask(satellite: Satellite, op: string, args: readonly Value[]): Promise<Value> {
    const number = operations[op];
    if (number === undefined) throw new Error(`Boards know ${Object.keys(operations).join(", ")}, not ${op}`);
    const given = op === "reset" ? [args[0] === "hard" ? 2 : 1] : args;
    const result = this.#say(satellite, number, given);
    if (op === "reset" || op === "safe") return true; // it has no time to answer
    const board = await result;
    return op === "stats" ? { link: { ...satellite.link!.stats }, board } : board;
  }

  #say(satellite: Satellite, op: number, args: readonly Value[]): Promise<Value> {
    const key = `${satellite.name} ${op}`;
    if (this.#waiting.has(key)) throw new Error("somebody asks that just now");
    if (this.#waiting.size >= waitingMax) throw new Error("too many questions wait");
    const message = encodeMessage(codes.system, [op, ...args], 1 + args.length);
    if (message.length > 110) throw new Error("that is too long for a frame");
    const answer = new Promise<Value>((resolve, reject) => {
      this.#waiting.set(key, { lines: [], done: resolve, fail: (text) => reject(new Error(text)) });
      const timer = setTimeout(() => this.#over(key, () => reject(new Error("the board does not answer"))), answerMs);
      Deno.unrefTimer(timer);
    });
    answer.catch(() => {}); // whoever resets a board does not wait
    if (!satellite.say(message)) this.#waiting.get(key)?.fail("too much waits for this satellite");
    return answer;
  }
}
