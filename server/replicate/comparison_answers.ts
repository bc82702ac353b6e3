/**
 * Answers to `heads`: what of a peer's tree is not shown here, though it is had.
 *
 * @module
 */

import { encodeHead, type SyncHead } from "../../wire/message/sync_heads.ts";
import { type SyncHeads, ticksField } from "../../wire/message/sync.ts";
import type { LinkOut } from "../../wire/message/sync_update.ts";
import { Link } from "../core/chain.ts";
import type { Entry } from "../core/entry.ts";
import { decide } from "../core/merge.ts";
import type { Store } from "../core/store.ts";
import type { Outbox } from "./outbox.ts";
import type { ReplicatorParts } from "./parts.ts";
import { fromMessage, haveOf } from "./ticks.ts";

/** Questions that wait; more are dropped, they will be asked again. */
const waitingMax = 100;

/** See the module. */
export class ComparisonAnswers {
  /** When an answer is due. */
  dueMs = Infinity;
  readonly #waiting: SyncHeads[] = [];

  constructor(
    private readonly parts: ReplicatorParts,
    private readonly outbox: Outbox,
  ) {}

  /** A peer shows these. */
  heads(message: SyncHeads): void {
    if (this.#waiting.length >= waitingMax) return;
    this.#waiting.push(message);
    this.dueMs = this.parts.nowMs();
  }

  /** Answers one. */
  time(): void {
    const message = this.#waiting.shift();
    this.dueMs = this.#waiting.length > 0 ? this.parts.nowMs() : Infinity;
    if (message === undefined) return;
    const { store } = this.parts;
    const gone = message.heads.filter((head) => this.#isGone(message, head));
    this.outbox.send("gone", {
      for: message.node,
      nr: message.nr,
      why: message.why,
      have: ticksField(haveOf(store)),
      gone: (out) => {
        out.arrayHeader(gone.length);
        for (const { keys, tock, links } of gone) encodeHead(out, keys, tock, echo(links));
      },
    });
    if (message.why === "digest") this.#writeAgain(message);
  }

  #isGone(message: SyncHeads, head: SyncHead): boolean {
    const { store } = this.parts;
    const entry = store.find(head.keys, head.keys.length);
    const isAbsent = entry === undefined || entry.writer === null;
    if (message.why === "digest") {
      return has(store, head.links[0]) && (isAbsent || !isSame(entry, head) && !this.#isOurs(entry, head));
    }
    if (!isAbsent || isOther(store, message, head.links[0])) return false;
    return head.links.some((link) => has(store, link) && !isPresent(store, link) && !isOther(store, message, link));
  }

  /** Whether what is shown here outranks it. */
  #isOurs(entry: Entry, { links, tock }: SyncHead): boolean {
    const chain = toLinks(this.parts.store, links)!;
    return decide(entry, { writer: chain.writer, tick: chain.tick, older: chain.prev, tock }).startsWith("stale");
  }

  /** What is better here, though the peer had it when it showed something else, is written again. */
  #writeAgain({ heads, have }: SyncHeads): void {
    const { store, turn } = this.parts;
    const theirs = fromMessage(have);
    const better: Entry[] = [];
    for (const head of heads) {
      const entry = store.find(head.keys, head.keys.length);
      if (!entry?.writer || isSame(entry, head) || !has(store, head.links[0])) continue;
      if (theirs.get(entry.writer.name)?.has(entry.tick) && this.#isOurs(entry, head)) better.push(entry);
    }
    if (better.length > 0) turn(() => better.forEach((entry) => void store.writeAgain(entry)));
  }
}

/** The chain, without links of writers that were never heard of. */
function toLinks({ writers }: Store, links: SyncHead["links"]): Link | null {
  return links.reduceRight<Link | null>((prev, [name, tick]) => {
    const writer = writers.get(name);
    return writer === undefined ? prev : new Link(writer, tick, prev);
  }, null);
}

/** The chain, to be sent back. */
function echo(links: SyncHead["links"]): LinkOut {
  return links.reduceRight<LinkOut | null>((prev, [name, tick]) => ({ writer: { name }, tick, prev }), null)!;
}

function isSame(entry: Entry, { links }: SyncHead): boolean {
  return entry.writer!.name === links[0][0] && entry.tick === links[0][1];
}

function has(store: Store, [writer, tick]: SyncHead["links"][number]): boolean {
  return store.writers.get(writer)?.have.has(tick) ?? false;
}

/** Whether that name is another machine's here: then that tick is another event, and proves nothing. */
function isOther({ writers }: Store, { lives }: SyncHeads, [name]: SyncHead["links"][number]): boolean {
  const [here, there] = [writers.get(name)?.lifeId ?? null, lives.get(name)];
  return here !== null && there !== undefined && here !== there;
}

function isPresent(store: Store, [writer, tick]: SyncHead["links"][number]): boolean {
  return store.writers.get(writer)?.index.has(tick) ?? false;
}
