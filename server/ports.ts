/**
 * Every way into a server, and everybody who came in.
 *
 * @module
 */

import type { ListenerConfig, ServerConfig } from "./config.ts";
import type { Duplex } from "./session/duplex.ts";
import { type Door, Listener, openPort } from "./session/listener.ts";
import type { SessionParts } from "./session/parts.ts";
import { Session } from "./session/session.ts";
import { WebSocketDuplex } from "./session/websocket.ts";
import { WebServer } from "./web/web_server.ts";

/** The ports of one server, and its sessions. */
export class Ports implements AsyncDisposable {
  /** `tcp://127.0.0.1:27586`, one for each port. */
  readonly addresses: string[] = [];
  readonly #parts: SessionParts;
  readonly #config: ServerConfig;
  readonly #sessions = new Set<Session>();
  readonly #listeners: Door[] = [];
  #web: WebServer | undefined;

  constructor(config: ServerConfig, parts: SessionParts) {
    this.#config = config;
    this.#parts = parts;
  }

  /** `http://127.0.0.1:27590/` */
  get web(): string | undefined {
    return this.#web?.url;
  }

  /** How many clients there are. */
  get connections(): number {
    return this.#sessions.size;
  }

  /**
   * Opens all ports and closes them again: a server that nobody can reach makes no state. They stay closed until there is
   * something to serve, so that clients of a server that waits for others are refused.
   * @throws {PortError}
   */
  static check({ listen, web }: ServerConfig): void {
    using opened = new DisposableStack();
    for (const options of web === undefined ? listen : [...listen, web]) opened.use(Listener.open(options));
  }

  /** Opens all ports, then serves. @throws {PortError} */
  async open(): Promise<void> {
    const { listen, web } = this.#config;
    for (const options of listen) this.#listeners.push(await openDoor(options));
    if (web !== undefined) this.#web = openPort(web, (port) => this.#openWeb(port));
    for (const listener of this.#listeners) {
      this.addresses.push(listener.url);
      void listener.run((duplex) => this.#connect(duplex));
    }
  }

  #openWeb(port: number): WebServer {
    const { web, name } = this.#config;
    const { host, origins, tls } = web!;
    return new WebServer({
      host,
      port,
      tls,
      node: name,
      rule: { origins, names: ownNames(name) },
      illness: () => this.#parts.turns.refusal,
      connect: (socket, peer) => this.#connect(new WebSocketDuplex(socket, peer)),
    });
  }

  #connect(duplex: Duplex): void {
    const session = new Session(duplex, this.#parts);
    this.#sessions.add(session);
    void session.run().finally(() => this.#sessions.delete(session));
  }

  /** Closes the ports and ends all sessions. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    await Promise.all(Array.from(this.#sessions, (session) => session.leave()));
    await this.#web?.[Symbol.asyncDispose]();
  }
}

async function openDoor(options: ListenerConfig): Promise<Door> {
  if (options.tls?.clientCa === undefined) return Listener.open(options);
  const { CertificateListener } = await import("./session/certificate_listener.ts");
  return await CertificateListener.open(options);
}

function ownNames(node: string): string[] {
  try {
    return [node, Deno.hostname()];
  } catch {
    return [node]; // not permitted to know
  }
}
