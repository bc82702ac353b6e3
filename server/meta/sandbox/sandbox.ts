/**
 * Runs stored code (checks, JSON schemas, conversions) in one child process without any permission.
 *
 * Requests go to the child one after the other and are answered in that order, so the first one that is open is the one
 * that runs. If it overruns its deadline, the child is killed, the program at fault is inactive from then on, and all
 * other requests go to the next child.
 *
 * @module
 */

import type { Value } from "../../../wire/mod.ts";
import { Children } from "./children.ts";
import type { Child } from "./child_process.ts";
import { checkResult, type Fault, faultOf, killed, sandboxError, tooLarge } from "./faults.ts";
import { Job } from "./job.ts";
import { type Compiled, type Program, type ProgramContext, StoredProgram } from "./program.ts";
import { opDrop } from "./protocol.ts";
import type { SandboxErrorKind } from "./sandbox_error.ts";
import { Watchdog } from "./watchdog.ts";

export type { Compiled, Program, ProgramContext } from "./program.ts";
export { SandboxError } from "./sandbox_error.ts";
export type { SandboxErrorKind } from "./sandbox_error.ts";

/** How the sandbox is set up; every field has a default. */
export interface SandboxOptions {
  /** What one run may take, wall-clock. Default 50. */
  readonly deadlineMs?: number;
  /** What the interpreter of one program may grow to. Default 16 MiB. */
  readonly memoryBytesMax?: number;
  /** The longest result. Default 1 MiB. */
  readonly resultBytesMax?: number;
  /** The runtime that the child runs in. Default `Deno.execPath()`. */
  readonly program?: string;
  /** Told when the child was killed or died: one line for the log. */
  readonly report?: (line: string) => void;
}

/** A child that is not ready after this is given up. */
const startMsMax = 20_000;

/** A spare child is started so long after the first one is ready: the server has other things to do then. */
const spareDelayMs = 1000;

/** Runs stored code. Nothing is started before the first {@linkcode Sandbox.compile}. */
export class Sandbox {
  readonly #deadlineMs: number;
  readonly #report: (line: string) => void;
  readonly #children: Children;
  readonly #watchdog: Watchdog;
  /** Requests without an answer, in their order. */
  readonly #jobs = new Map<number, Job>();
  #child: Child | undefined;
  #lastJob = 0;
  /** Why the child is being killed. */
  #isOverdue = false;
  #startTimer: ReturnType<typeof setTimeout> | undefined;
  #spareTimer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  /** A sandbox that has not started anything yet. */
  constructor(options: SandboxOptions = {}) {
    this.#deadlineMs = options.deadlineMs ?? 50;
    this.#report = options.report ?? (() => {});
    this.#children = new Children({
      program: options.program ?? Deno.execPath(),
      memoryBytesMax: options.memoryBytesMax ?? 16 * 1024 * 1024,
      resultBytesMax: options.resultBytesMax ?? 1024 * 1024,
    });
    this.#watchdog = new Watchdog(() => this.#overdue());
  }

  /**
   * Compiles `program`.
   * @throws {SandboxError} `syntax` with the language's own message: `SyntaxError('invalid syntax (type int, line 2)')`
   */
  async compile(program: Program): Promise<Compiled> {
    const stored = new StoredProgram(program);
    try {
      await this.#submit(stored, undefined, undefined);
    } catch (error) {
      this.release(stored);
      throw error;
    }
    return stored;
  }

  /** Forgets a program, which gives its memory back. It is compiled again if it is used all the same. */
  release(compiled: Compiled): void {
    const { id } = compiled as StoredProgram;
    if (this.#child?.programs.delete(id)) this.#child.send((out) => out.value([opDrop, id]));
  }

  /**
   * Checks `value` (one msgpack value).
   * @throws {SandboxError} If it is bad, or the program is
   */
  async check(compiled: Compiled, value: Uint8Array, context?: ProgramContext): Promise<void> {
    await this.#submit(compiled as StoredProgram, value, context);
  }

  /**
   * Converts `value` (one msgpack value) to another. A program without code changes nothing.
   * @throws {SandboxError} If it cannot be converted, or the program is at fault
   */
  async convert(compiled: Compiled, value: Uint8Array, context?: ProgramContext): Promise<Uint8Array> {
    const result = await this.#submit(compiled as StoredProgram, value, context) ?? value;
    checkResult(result);
    return result;
  }

  /** Ends the child process. What still runs is rejected. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#startTimer);
    clearTimeout(this.#spareTimer);
    this.#watchdog.close();
    this.#failAll("inactive", "the sandbox is closed");
    await Promise.all([this.#child?.close(), this.#children.close()]);
  }

  /** The number of the child process, if there is one. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  #submit(
    program: StoredProgram,
    value: Uint8Array | undefined,
    context?: ProgramContext,
  ): Promise<Uint8Array | undefined> {
    const closed = this.#isClosed ? sandboxError("inactive", "the sandbox is closed") : undefined;
    const job = new Job(++this.#lastJob, program, value, context);
    const error = closed ?? program.inactive ?? (value && tooLarge(job.bytes));
    if (error) return Promise.reject(error);
    this.#jobs.set(job.id, job);
    if (this.#child) this.#dispatch(this.#child, job);
    else this.#start();
    return job.promise;
  }

  #dispatch(child: Child, job: Job): void {
    const isKnown = job.value !== undefined && child.programs.has(job.program.id);
    child.programs.add(job.program.id);
    child.send((out) => job.write(out, isKnown));
    if (this.#jobs.size === 1 && child.isReady) this.#wait(child);
  }

  /** Waits for the first request that has no answer. */
  #wait(child: Child): void {
    const [first] = this.#jobs.values();
    if (!first) return this.#watchdog.idle();
    this.#watchdog.progress(child.pid, child.isReady ? first.limitMs(this.#deadlineMs) : startMsMax);
  }

  /** Gets a child, now or as soon as there may be one. */
  #start(): void {
    if (this.#startTimer !== undefined || this.#child) return;
    const waitMs = this.#children.waitMs;
    if (waitMs > 0) this.#startTimer = setTimeout(() => this.#startNow(), waitMs);
    else this.#startNow();
  }

  #startNow(): void {
    this.#startTimer = undefined;
    try {
      this.#use(this.#children.take());
    } catch (error) {
      this.#failAll("crash", `the sandbox cannot be started: ${(error as Error).message}`);
    }
  }

  #use(child: Child): void {
    this.#child = child;
    child.listener = { replied: (messages) => this.#replied(child, messages), ended: () => this.#ended(child) };
    for (const job of this.#jobs.values()) this.#dispatch(child, job);
    this.#wait(child);
    this.#prepareSpare();
  }

  #prepareSpare(): void {
    this.#spareTimer ??= setTimeout(() => {
      this.#spareTimer = undefined;
      if (!this.#isClosed && !this.#children.prepare()) this.#prepareSpare();
    }, spareDelayMs);
  }

  #replied(child: Child, messages: readonly (readonly Value[])[]): void {
    for (const message of messages) {
      const job = this.#jobs.get(message[0] as number);
      this.#jobs.delete(message[0] as number);
      job?.answer(message);
    }
    this.#wait(child);
  }

  #overdue(): void {
    this.#isOverdue = true;
    this.#child?.kill();
  }

  /** The child is dead: one request is to blame, all others go to the next child. */
  #ended(child: Child): void {
    const isOverdue = this.#isOverdue;
    this.#isOverdue = false;
    this.#child = undefined;
    this.#watchdog.idle();
    if (this.#isClosed) return;
    const { program, text } = child.lastWords;
    if (!child.isReady) return this.#failAll("crash", `the sandbox does not start: ${text.trim().split("\n")[0]}`);
    const culprit = this.#culprit(program);
    const fault = isOverdue ? "timeout" : faultOf(text);
    // Somebody else may have killed the child: only who sees it die twice is to blame.
    if (culprit && (fault !== "crash" || ++culprit.crashes > 1)) this.#blame(culprit, fault);
    if (this.#jobs.size > 0) this.#start();
  }

  /** The first request of the program that was begun last. All before it were answered, but the answers are lost. */
  #culprit(program: number | undefined): Job | undefined {
    const jobs = [...this.#jobs.values()];
    return jobs.find((job) => job.program.id === program) ?? jobs[0];
  }

  #blame(culprit: Job, fault: Fault): void {
    const { name } = culprit.program.program;
    const error = killed(name, fault, culprit.limitMs(this.#deadlineMs));
    culprit.program.deactivate(error);
    this.#report(`${name} is inactive until it is stored anew: ${error.text}`);
    for (const job of this.#jobs.values()) {
      if (job.program !== culprit.program) continue;
      this.#jobs.delete(job.id);
      job.fail(job === culprit ? error : job.program.inactive!);
    }
  }

  #failAll(kind: SandboxErrorKind, message: string): void {
    const jobs = [...this.#jobs.values()];
    this.#jobs.clear();
    for (const job of jobs) job.fail(sandboxError(kind, message));
  }
}
