/**
 * Other processes that bear this server's name: its last one, whose messages still arrive, or a live one.
 *
 * @module
 */

import type { SyncMessage } from "../../wire/message/sync.ts";

/** Another process that says the same things for so long is alive. */
const imageMs = 3000;
const processesMax = 100;

/** See the module. */
export class NamesakeProcesses {
  readonly #byId = new Map<string, { readonly firstMs: number; sharesWriter?: string }>();

  constructor(private readonly nowMs: () => number) {}

  /** One of them speaks. Returns whether it is an image of this disk, and alive, and writes under the same name. */
  heard(message: SyncMessage, writer: string): boolean {
    const nowMs = this.nowMs();
    const known = this.#byId.get(message.id) ?? { firstMs: nowMs };
    if (this.#byId.size >= processesMax) this.#byId.clear();
    this.#byId.set(message.id, known);
    if (message.t === "bye") this.#byId.delete(message.id);
    // It may have noticed first and have another writer name by now.
    if (message.t === "have" && message.writer === writer) known.sharesWriter = writer;
    // What this server's last process has sent may still arrive for a while.
    return known.sharesWriter === writer && nowMs - known.firstMs >= imageMs;
  }
}
