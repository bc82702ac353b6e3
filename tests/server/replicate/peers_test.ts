/** Who is there, as told by messages that come late, twice, or overtake each other. */

import { Peers } from "../../../server/replicate/peers.ts";
import type { SyncHave, SyncMessage } from "../../../wire/message/sync.ts";
import { assertEquals } from "../../support/assert.ts";

const nothing = new Map<string, never>();

function have(id: string, seq: number, ticks: number): SyncHave {
  const told = { lives: nothing, members: [], forgotten: [], at: [], digest: "", was: [], lost: nothing, back: 0 };
  const flags = { isReady: true, isQuiet: false, isWanted: false, isMemoryOnly: false, isSilent: false };
  const ranges = new Map([["b", [[1, ticks + 1]] as const]]);
  return {
    t: "have",
    node: "b",
    id,
    seq,
    writer: "b",
    nr: seq,
    part: 1,
    parts: 1,
    have: ranges,
    disk: undefined,
    ...told,
    ...flags,
  };
}

Deno.test("A late copy does not make a server that is gone seem to be there", () => {
  let nowMs = 0;
  const peers = new Peers(() => nowMs);
  const message = have("one", 1, 3);
  assertEquals(peers.heard(message).isNew, true);
  nowMs = 40_000;
  assertEquals(peers.heard(message), { peer: peers.named("b"), isNew: false, isLate: true });
  assertEquals(peers.present(), []);
  assertEquals(peers.heard(have("one", 2, 3)).isNew, true);
  assertEquals(peers.present().length, 1);
});

Deno.test("What a server has is what it said last, also when that overtakes what it said before", () => {
  const peers = new Peers(() => 0);
  const [first, second] = [have("one", 1, 3), have("one", 2, 5)];
  const { peer } = peers.heard(second);
  assertEquals([peers.told(peer, second), peers.heard(first).isLate, peers.told(peer, first)], [true, true, false]);
  assertEquals(peer.have.get("b")?.has(5), true);
  // Overtaken by a message of another kind, it is still the last word on that.
  peers.heard({ t: "want", node: "b", id: "one", seq: 4, to: null, ticks: nothing });
  const third = have("one", 3, 6);
  assertEquals([peers.heard(third).isLate, peers.told(peer, third)], [true, true]);
});

Deno.test("A late goodbye of a former process does not concern the one that took its place", () => {
  const peers = new Peers(() => 0);
  const bye: SyncMessage = { t: "bye", node: "b", id: "one", seq: 9 };
  const { peer } = peers.heard(have("one", 1, 3));
  peers.heard(have("two", 1, 3));
  assertEquals(peers.heard(bye).isLate, true);
  assertEquals([peer.id, peers.isDoubled(peer)], ["two", false]);
  // Something new of the former one: both are alive.
  assertEquals(peers.heard(have("one", 10, 3)).isLate, false);
  assertEquals(peers.isDoubled(peer), true);
});
