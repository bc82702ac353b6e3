/**
 * What a message on the virtual network is, for counting, checking and tracing.
 *
 * @module
 */

import { readSync, type SyncMessage } from "../../wire/message/sync.ts";
import type { Channel } from "../../server/backend/backend.ts";
import type { Step } from "./coverage.ts";

/** A message that was published. */
export interface Parcel {
  readonly kind: Step;
  /** Undefined: it is in the original's form. */
  readonly content: SyncMessage | undefined;
  readonly bytes: number;
}

/** Reads a message. @throws If it is on our topic, and none of ours */
export function readParcel(channel: Channel, payload: Uint8Array): Parcel {
  if (channel.at(-1) !== "sync") return { kind: "foreign", content: undefined, bytes: payload.length };
  const content = readSync(payload);
  if (content === undefined) throw new Error("A message of an unknown kind was sent");
  const kind = content.t === "update" && content.isRepeated ? "again" : content.t;
  return { kind, content, bytes: payload.length };
}

function ticksText(sets: ReadonlyMap<string, readonly (readonly [number, number])[]> | undefined): string {
  if (sets === undefined) return "all";
  return [...sets].map(([writer, ranges]) =>
    `${writer}:${ranges.map(([first, last]) => first === last ? first : `${first}-${last}`).join(",")}`
  ).join(" ");
}

/** A message in one line. */
export function parcelText({ kind, content, bytes }: Parcel): string {
  if (content === undefined) return `${kind} of ${bytes} bytes`;
  switch (content.t) {
    case "have":
      return `have ${ticksText(content.have)} | disk ${ticksText(content.disk)} | ${content.writer} ${content.digest}` +
        ` of ${content.members}${content.forgotten.length > 0 ? ` without ${content.forgotten}` : ""}` +
        `${content.isWanted ? " wanted" : ""}${content.isQuiet ? " quiet" : ""}${
          content.back ? ` back ${content.back}` : ""
        }`;
    case "update":
      return `${kind} ` + content.events.map((event) => {
        const links: string[] = [];
        for (let link: typeof event.chain | null = event.chain; link; link = link.prev) {
          links.push(link.node + link.tick);
        }
        return `${event.keys.slice(0, event.length).join(".")}${event.bytes === null ? "=-" : ""}[${
          links.join(" ")
        }]@${event.tock}` +
          (event.replaces ? ` for ${event.replaces}` : "");
      }).join(", ");
    case "want":
      return `want of ${content.to ?? "anybody"}: ${ticksText(content.ticks)}`;
    case "claim":
      return `claim ${content.nr}.${content.part} for ${content.for}: ${ticksText(content.known)}` +
        (content.have === undefined ? "" : ` | have ${ticksText(content.have)}`);
    case "heads":
    case "gone": {
      const [to, heads] = content.t === "heads" ? [content.to, content.heads] : [content.for, content.gone];
      return `${kind} ${content.nr} ${content.why} to ${to}: ${heads.length}${content.isLast ? " last" : ""}`;
    }
    default:
      return kind;
  }
}
