/**
 * How a process opens its state directory: on the virtual disk, with the virtual clock.
 *
 * @module
 */

import { Persistence } from "../../server/persist/persistence.ts";
import { Crash, type MemoryDisk } from "../support/memory_disk.ts";
import type { Chance } from "./chance.ts";
import type { Life } from "./life.ts";
import type { NodeOptions } from "./node_options.ts";
import type { World } from "./world.ts";

/** What is opened, for whom. */
export interface OpeningParts {
  readonly world: World;
  readonly options: NodeOptions;
  readonly disk: MemoryDisk;
  readonly chance: Chance;
  /** `A#3` */
  readonly id: string;
  readonly bootId: string | undefined;
  readonly nowMs: () => number;
  /** The disk's node has this life at present. */
  readonly lifeNow: () => Life | undefined;
}

/** See the module. */
export class Opening {
  /** The life that was made of it. */
  life: Life | undefined;
  #isOpen = false;

  constructor(private readonly parts: OpeningParts) {
    parts.disk.later = (body) => this.#later(body);
  }

  /** Opens it. Returns the error if that cannot be done. */
  async open(): Promise<Persistence | Error> {
    const { world, options, disk, chance, id, bootId, nowMs } = this.parts;
    const { timeline, trace } = world;
    try {
      const persistence = await Persistence.open({
        disk,
        node: options.name,
        fsync: options.fsync,
        holder: id,
        bootId,
        logBytesMin: options.logBytesMin,
        randomBytes: (n) => chance.bytes(n),
        clock: {
          nowMs,
          after: (ms, run) => timeline.after(ms, () => this.life?.enter(run)),
          pause: () => this.#isOpen ? timeline.later(chance.next(), () => {}, () => disk.isDead) : Promise.resolve(),
        },
        onFailure: ({ message }) => this.#refuse(message),
        onRecovery: () => this.#refuse(undefined),
        report: (line) => trace.add(options.machine, () => `disk: ${line}`),
      });
      this.#isOpen = true;
      return persistence;
    } catch (error) {
      trace.add(options.machine, () => `cannot start: ${error}`);
      return error as Error;
    }
  }

  #refuse(reason: string | undefined): void {
    if (this.life === undefined) return;
    if (reason === undefined) this.life.turns.refusal = undefined;
    else this.life.turns.refusal ??= reason;
  }

  /** Background work of the disk takes time; a dead process never hears of its end. */
  #later(body: () => void): Promise<void> {
    const { world: { timeline }, chance, disk, lifeNow } = this.parts;
    return new Promise((resolve, reject) => {
      timeline.after(chance.happens(0.05) ? chance.between(20, 400) : chance.between(0.2, 8), () => {
        timeline.stir();
        try {
          body();
          resolve();
        } catch (error) {
          if (!(error instanceof Crash)) return reject(error);
          const life = lifeNow();
          if (life?.parts.disk !== disk) return;
          // One that was about to stop dies of it, too.
          if (life.isOver) life.parts.died();
          else life.look();
        }
      });
    });
  }
}
