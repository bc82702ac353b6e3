// What of MQTT.js is used here. Its own types bring Node's, which replace the types of timers and buffers everywhere.

import type { Duplex } from "node:stream";

export interface ConnectOptions {
  readonly protocolVersion: 4;
  readonly clean: boolean;
  readonly keepalive: number;
  readonly connectTimeout: number;
  readonly clientId: string;
  readonly manualConnect: boolean;
  readonly reconnectPeriod: number;
  readonly queueQoSZero: boolean;
  readonly resubscribe: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export interface QosOptions {
  readonly qos: 0;
  readonly retain?: false;
}

export interface MqttClient {
  readonly connected: boolean;
  readonly stream: { readonly writableLength: number; destroy(): void };
  /** Makes the connection, each time. */
  streamBuilder: () => Duplex;
  on(event: "connect" | "close", listener: () => void): void;
  on(event: "message", listener: (topic: string, payload: Uint8Array) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  reconnect(): void;
  publish(topic: string, payload: Uint8Array, options: QosOptions): void;
  subscribeAsync(topics: readonly string[], options: QosOptions): Promise<unknown>;
  unsubscribeAsync(topics: readonly string[]): Promise<unknown>;
  endAsync(force: boolean): Promise<void>;
}

export function connect(uri: string, options: ConnectOptions): MqttClient;
