/**
 * The MQTT backend: any broker, MQTT 3.1.1, QoS 0, nothing retained. It reconnects for ever, and subscribes anew each
 * time before it says that it is attached. Sending is bounded: what does not go out is dropped and counted. On a plain TCP
 * connection messages take a short way past MQTT.js (mqtt_line.ts).
 *
 * MQTT.js' own offline queue stays off: it has no bound, and is flushed before the subscriptions are back.
 *
 * @module
 */

import type { Duplex } from "node:stream";
import type { ConnectOptions, MqttClient } from "./mqtt_client.d.ts";
import type { Backend, BackendCounters, BackendEvent, Channel, Receiver } from "./backend.ts";
import { Backoff } from "./backoff.ts";
import { MqttLine } from "./mqtt_line.ts";
import { Listeners, Monitors } from "./monitors.ts";

/** Where the broker is, and what it wants to know. */
export interface MqttOptions {
  /** `mqtt://HOST:PORT`, `mqtts:`, `ws:` or `wss:`; may hold user and password. */
  readonly uri: string;
  readonly user?: string;
  readonly password?: string;
  /** PEM text of the authorities that are trusted, in place of the system's. */
  readonly ca?: string;
  /** PEM text of the own certificate and key. */
  readonly cert?: string;
  readonly key?: string;
  /** What may wait for its way out before messages are dropped. */
  readonly waitingBytesMax?: number;
  /** Called before each attempt to connect, e.g. to see to it that there is a broker. */
  readonly beforeConnect?: () => Promise<void>;
  /** 0 ≤ random() < 1; default `Math.random`. */
  readonly random?: () => number;
}

const keepaliveSeconds = 9; // as the original
const connectTimeoutMs = 10_000;
const goodbyeMs = 500;
/** Of a topic, which may have 65,535 bytes. */
const topicCharsMax = 21_845;
const waitingBytesDefault = 4 * 1024 * 1024;

/** A connection to an MQTT broker. */
export class MqttBackend implements Backend {
  readonly counters: BackendCounters = { sent: 0, received: 0, dropped: 0, connects: 0 };
  readonly description: string;
  isAttached = false;
  readonly #client: MqttClient;
  readonly #options: MqttOptions;
  readonly #monitors = new Monitors();
  readonly #listeners = new Listeners();
  readonly #backoff: Backoff;
  readonly #waitingBytesMax: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Topics of this connection. */
  readonly #subscribed = new Set<string>();
  #tending: Promise<void> | undefined;
  #isTending = false;
  /** Whether what is wanted has changed since that was looked at. */
  #isStale = true;
  #isDetachedTold = false;
  #isClosed = false;
  #lastError = "";
  /** The connection, if it is one without TLS and WebSocket. */
  #line: MqttLine | undefined;

  private constructor(client: MqttClient, options: MqttOptions) {
    this.#client = client;
    this.#options = options;
    this.#backoff = new Backoff(250, 15_000, options.random ?? Math.random);
    this.#waitingBytesMax = options.waitingBytesMax ?? waitingBytesDefault;
    this.description = `MQTT broker at ${withoutSecrets(options.uri)}`;
    client.on("connect", () => void this.#connected());
    client.on("message", (topic, payload) => this.#received(topic.split("/"), new Uint8Array(payload)));
    client.on("error", (error) => this.#lastError = textOf(error));
    client.on("close", () => this.#closed());
  }

  /** Begins to connect; returns at once, whether there is a broker or not. */
  static async open(options: MqttOptions): Promise<MqttBackend> {
    const { connect } = await import("./mqtt_module.ts");
    const backend = new MqttBackend(connect(options.uri, clientOptions(options)), options);
    const { protocol, hostname, port } = new URL(options.uri);
    if (protocol === "mqtt:" && options.cert === undefined) {
      const { Duplex } = await import("node:stream");
      const place = { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || 1883 };
      backend.#client.streamBuilder = () => backend.#newLine(place, Duplex).stream;
    }
    await backend.#attempt();
    return backend;
  }

  #newLine(place: { hostname: string; port: number }, DuplexStream: typeof Duplex): MqttLine {
    const received = (channel: Channel, payload: Uint8Array) => this.#received(channel, payload);
    return this.#line = new MqttLine({ ...place, received }, DuplexStream);
  }

  async #attempt(): Promise<void> {
    try {
      await this.#options.beforeConnect?.();
    } catch (error) {
      this.#lastError = textOf(error);
    }
    if (!this.#isClosed) this.#client.reconnect();
  }

  async #connected(): Promise<void> {
    this.#subscribed.clear();
    this.#isStale = true;
    await this.#tending;
    this.#tending = this.#tend();
    await this.#tending;
    if (!this.#client.connected || this.#isClosed) return;
    this.#backoff.reset();
    this.isAttached = true;
    this.#isDetachedTold = false;
    this.counters.connects++;
    this.#listeners.tell({ kind: "attached" });
    this.#wantedChanged();
  }

  #wantedChanged(): void {
    this.#isStale = true;
    if (this.isAttached && !this.#isTending) this.#tending = this.#tend();
  }

  /**
   * Subscribes to what is wanted and is not subscribed to, and the reverse, one after the other: brokers may take up two
   * requests about one topic in the wrong order.
   */
  async #tend(): Promise<void> {
    this.#isTending = true;
    try {
      while (this.#isStale && this.#client.connected && !this.#isClosed) await this.#tendOnce();
    } catch (error) {
      this.#lastError = textOf(error);
      // Once more, from the beginning.
      if (this.#client.connected && !this.#isClosed) this.#client.stream.destroy();
    }
    this.#isTending = false;
  }

  async #tendOnce(): Promise<void> {
    this.#isStale = false;
    const wanted = new Set(this.#monitors.filters.map(topicOf));
    const lacking = [...wanted].filter((topic) => !this.#subscribed.has(topic));
    const surplus = [...this.#subscribed].filter((topic) => !wanted.has(topic));
    if (lacking.length > 0) await this.#client.subscribeAsync(lacking, { qos: 0 });
    for (const topic of lacking) this.#subscribed.add(topic);
    if (surplus.length > 0) await this.#client.unsubscribeAsync(surplus);
    for (const topic of surplus) this.#subscribed.delete(topic);
  }

  #closed(): void {
    const reason = this.#lastError || "the connection was closed";
    this.#lastError = "";
    this.isAttached = false;
    if (!this.#isDetachedTold && !this.#isClosed) {
      this.#isDetachedTold = true;
      this.#listeners.tell({ kind: "detached", reason });
    }
    if (this.#isClosed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#attempt();
    }, this.#backoff.next());
  }

  /** Sends to everybody on the broker. */
  publish(channel: Channel, payload: Uint8Array): boolean {
    const waitingBytes = this.#line?.waitingBytes ?? this.#client.stream.writableLength;
    const topic = topicOf(channel);
    if (!this.isAttached || waitingBytes > this.#waitingBytesMax || !isTopic(topic)) {
      this.counters.dropped++;
      return false;
    }
    this.counters.sent++;
    // While subscriptions are under way the short way would overtake them, and who asked for a topic just now misses this.
    if (this.#line !== undefined && !this.#isTending) this.#line.publish(topic, payload);
    // MQTT.js writes the very bytes, maybe later: they have to be its own.
    else this.#client.publish(topic, payload.slice(), { qos: 0, retain: false });
    return true;
  }

  #received(channel: Channel, payload: Uint8Array): void {
    this.counters.received++;
    this.#monitors.deliver(channel, payload);
  }

  /** Hears a channel. Filters of one backend must not overlap: the broker would deliver twice. */
  monitor(filter: Channel, receive: Receiver): Disposable {
    const changed = () => this.#wantedChanged();
    return this.#monitors.add(filter, receive, changed, changed);
  }

  /** Hears of coming and going. */
  watch(listener: (event: BackendEvent) => void): Disposable {
    return this.#listeners.add(listener);
  }

  /** Disconnects. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const { isAttached } = this;
    this.isAttached = false;
    // A polite end waits for the broker, which may be gone without our having noticed.
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(patience.resolve, goodbyeMs);
    await Promise.race([this.#client.endAsync(!isAttached), patience.promise]);
    clearTimeout(timer);
    this.#client.stream.destroy();
  }
}

function clientOptions(options: MqttOptions): ConnectOptions {
  return {
    protocolVersion: 4,
    clean: true,
    keepalive: keepaliveSeconds,
    connectTimeout: connectTimeoutMs,
    clientId: `moat-kv-${crypto.randomUUID().slice(0, 13)}`,
    manualConnect: true,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    username: options.user,
    password: options.password,
    ca: options.ca,
    cert: options.cert,
    key: options.key,
  };
}

function topicOf(channel: Channel): string {
  return channel.join("/");
}

/** Clients choose topics, too, and a broker throws out whoever sends one that is none. Source: MQTT 3.1.1, 4.7.3. */
function isTopic(topic: string): boolean {
  return topic !== "" && topic.length <= topicCharsMax && !topic.includes("\0");
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

function withoutSecrets(uri: string): string {
  return uri.replace(/\/\/[^@/]*@/, "//");
}
