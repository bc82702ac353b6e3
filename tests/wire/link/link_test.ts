/**
 * Both ends of a satellite link on a virtual clock, under every fault a line has: within a session every payload arrives
 * exactly once and in order, and after the faults a session is up and everything sent in it has arrived.
 */

import { createHmac } from "node:crypto";
import { HostSession, type LinkSecurity } from "../../../wire/link/host_session.ts";
import { encodeFrame } from "../../../wire/link/frame.ts";
import { FrameReader } from "../../../wire/link/frame_reader.ts";
import { timingOf } from "../../../wire/link/timing.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { Random } from "../../support/random.ts";
import { type LineFaults, NoisyLine, Timeline } from "./noisy_line.ts";
import { SatelliteEnd } from "./satellite_end.ts";

const hmac = (key: Uint8Array, data: Uint8Array) => new Uint8Array(createHmac("sha256", key).update(data).digest());

/** What arrives at one end: the payloads of one session of the other end, counted from 0. */
class Ledger {
  session = -1;
  next = 0;
  delivered = 0;

  take(payload: Uint8Array, what: string): boolean {
    const view = new DataView(payload.buffer, payload.byteOffset);
    const session = view.getUint16(0), n = view.getUint32(2);
    if (n === 0 && session > this.session) this.session = session, this.next = 0;
    assertEquals([session, n], [this.session, this.next], `${what}: session and number of what arrived`);
    this.next++;
    this.delivered++;
    return true;
  }
}

/** Numbered payloads of one session. */
class Source {
  session = 0;
  sent = 0;

  payload(random: Random): Uint8Array {
    const payload = new Uint8Array(6 + random.below(random.below(5) === 0 ? 110 : 12));
    const view = new DataView(payload.buffer);
    view.setUint16(0, this.session);
    view.setUint32(2, this.sent++);
    return payload;
  }

  begin(): void {
    this.session++;
    this.sent = 0;
  }
}

class World {
  readonly random: Random;
  readonly timeline = new Timeline();
  readonly up: NoisyLine;
  readonly down: NoisyLine;
  readonly atHost = new Ledger();
  readonly atSatellite = new Ledger();
  readonly fromHost = new Source();
  readonly fromSatellite = new Source();
  host: HostSession;
  satellite: SatelliteEnd;
  readonly #hostReader: FrameReader;
  readonly #satelliteReader: FrameReader;
  readonly #key: Uint8Array | undefined;
  readonly #sent = new Set<string>();
  #boots = 0;
  sessions = 0;
  inventions = 0;

  constructor(seed: number, readonly security: LinkSecurity) {
    this.random = new Random(seed);
    this.#key = security === "open" ? undefined : crypto.getRandomValues(new Uint8Array(16));
    const byteMs = timingOf(115200).byteMs;
    this.up = new NoisyLine(
      this.timeline,
      this.random,
      byteMs,
      (bytes) => this.#step(() => this.#hostReader.push(bytes, this.nowMs)),
    );
    this.down = new NoisyLine(
      this.timeline,
      this.random,
      byteMs,
      (bytes) => this.#step(() => this.#satelliteReader.push(bytes, this.nowMs)),
    );
    this.#hostReader = new FrameReader({
      frame: (data) => this.#isReal(data) && this.host.receive(data, this.nowMs),
      console: () => {},
      damaged: () => this.host.damaged(this.nowMs),
    });
    this.#satelliteReader = new FrameReader({
      frame: (data) => this.#isReal(data) && this.satellite.receive(data, this.nowMs),
      console: () => {},
      damaged: () => this.satellite.damaged(this.nowMs),
    });
    this.host = this.#newHost();
    this.satellite = this.#newSatellite();
    this.#wake();
  }

  get nowMs(): number {
    return this.timeline.nowMs;
  }

  /** What the 16 bits of a checksum let through is not the window's to find; where frames are signed, it is refused. */
  #isReal(data: Uint8Array): boolean {
    if (this.security === "sign" || this.#sent.has(data.toHex())) return true;
    this.inventions++;
    return false;
  }

  #put(line: NoisyLine, data: Uint8Array): void {
    if (this.security !== "sign") this.#sent.add(data.toHex());
    line.write(encodeFrame(data));
  }

  #newHost(): HostSession {
    return new HostSession({
      timing: timingOf(115200),
      silenceMs: 10_000,
      hmac,
      nonce: () => this.#nonce(),
      epochMs: () => 1_764_000_000_000,
      transmit: (data) => this.#put(this.down, data),
      admit: () => ({
        isAdmitted: true,
        security: this.security,
        keys: this.#key === undefined ? [] : [new Uint8Array(16), this.#key],
        listHash: null,
      }),
      opened: () => {
        this.sessions++;
        this.fromHost.begin();
      },
      deliver: (payload) => this.random.below(50) > 0 && this.atHost.take(payload, "up"),
      closed: () => {},
      refused: (_, text) => assertTrue(text.startsWith("It heeds no welcome"), text),
    });
  }

  #newSatellite(): SatelliteEnd {
    return new SatelliteEnd({
      timing: timingOf(115200),
      hmac,
      key: this.#key,
      signs: this.security === "sign",
      nonce: () => this.#nonce(),
      transmit: (data) => this.#put(this.up, data),
      opened: () => this.fromSatellite.begin(),
      deliver: (payload) => this.random.below(50) > 0 && this.atSatellite.take(payload, "down"),
    }, ++this.#boots);
  }

  #nonce(): Uint8Array {
    return Uint8Array.from({ length: 8 }, () => this.random.below(256));
  }

  restartHost(): void {
    this.host = this.#newHost();
  }

  restartSatellite(): void {
    this.satellite = this.#newSatellite();
    this.#wake();
  }

  /** Both ends send when they can, now and then. */
  traffic(untilMs: number): void {
    const next = () => {
      if (this.nowMs >= untilMs) return;
      this.#step(() => {
        const { random, nowMs } = this;
        if (this.host.canSend(nowMs) && random.below(2) === 0) this.host.send(this.fromHost.payload(random), nowMs);
        const { window } = this.satellite;
        if (window?.canSend(nowMs)) window.send(this.fromSatellite.payload(random), nowMs);
      });
      this.timeline.at(this.nowMs + this.random.below(60), next);
    };
    this.timeline.at(this.nowMs, next);
  }

  #step(body: () => void): void {
    body();
    this.#wake();
  }

  #wakeAtMs = Infinity;

  #wake(): void {
    const atMs = Math.min(
      this.host.wakeAtMs,
      this.satellite.wakeAtMs,
      this.#hostReader.wakeAtMs,
      this.#satelliteReader.wakeAtMs,
    );
    if (atMs === Infinity || (this.#wakeAtMs <= atMs && this.#wakeAtMs > this.nowMs)) return;
    this.#wakeAtMs = Math.max(atMs, this.nowMs + 0.5);
    const due = this.#wakeAtMs;
    this.timeline.at(due, () => {
      if (this.#wakeAtMs === due) this.#wakeAtMs = Infinity;
      this.#step(() => {
        this.#hostReader.time(this.nowMs);
        this.#satelliteReader.time(this.nowMs);
        this.host.time(this.nowMs);
        this.satellite.time(this.nowMs);
        this.#ping();
      });
    });
  }

  #ping(): void {
    if (!this.satellite.wantsPing(this.nowMs)) return;
    const window = this.satellite.window!;
    if (window.canSend(this.nowMs)) window.send(this.fromSatellite.payload(this.random), this.nowMs);
  }
}

const securities: readonly LinkSecurity[] = ["open", "auth", "sign"];

function faultsOf(random: Random): LineFaults {
  return { damage: [0, 0.0005, 0.002, 0.01, 0.04][random.below(5)], delayMs: [0, 0, 5, 100][random.below(4)] };
}

/** One seed: a time of faults, then peace. Returns what was delivered. */
function run(seed: number): World {
  const security = securities[seed % 3];
  const world = new World(seed, security);
  const { random, timeline } = world;
  world.traffic(4000);
  for (let atMs = 0; atMs < 4000; atMs += 500 + random.below(1500)) {
    timeline.run(atMs);
    world.up.faults = faultsOf(random);
    world.down.faults = faultsOf(random);
    const event = random.below(12);
    world.up.isCut = event === 0 || event === 2;
    world.down.isCut = event === 1 || event === 2;
    if (event === 3) world.restartHost();
    if (event === 4) world.restartSatellite();
  }
  timeline.run(4000);
  world.up.faults = world.down.faults = { damage: 0, delayMs: 0 };
  world.up.isCut = world.down.isCut = false;
  timeline.run(34_000);
  assertTrue(world.host.isUp && world.satellite.isUp, "no session is up after 30 quiet seconds");
  world.traffic(34_500);
  timeline.run(40_000);
  assertEquals(
    world.host.window!.outstanding + world.satellite.window!.outstanding,
    0,
    "something is on its way for ever",
  );
  assertEquals(world.atHost.next, world.fromSatellite.sent, "up: not everything of the last session arrived");
  assertEquals(world.atSatellite.next, world.fromHost.sent, "down: not everything of the last session arrived");
  return world;
}

Deno.test("a link delivers exactly once and in order, or begins an honest new session (10,000 seeds)", () => {
  const only = Deno.env.get("MOAT_SEED");
  const sums = { delivered: 0, sessions: 0, inventions: 0, forged: 0 };
  const seeds = only === undefined ? Array.from({ length: 10_000 }, (_, i) => i) : [Number(only)];
  for (const seed of seeds) {
    try {
      const world = run(seed);
      sums.delivered += world.atHost.delivered + world.atSatellite.delivered;
      sums.sessions += world.sessions;
      sums.inventions += world.inventions;
    } catch (error) {
      throw new Error(`seed ${seed} (again: MOAT_SEED=${seed}): ${(error as Error).message}`, { cause: error });
    }
  }
  if (only === undefined) assertTrue(sums.delivered > 100_000 && sums.sessions > 10_000, JSON.stringify(sums));
});
