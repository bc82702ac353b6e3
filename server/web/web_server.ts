/**
 * HTTP: a page that says what this is, `/healthz` for those who watch over it, and WebSockets for clients.
 *
 * @module
 */

import { mayConnect, type OriginRule } from "./origin.ts";

/** What the HTTP port shows of the server. */
export interface WebParts {
  readonly host: string;
  readonly port: number;
  /** Certificate chain and key in PEM form. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly rule: OriginRule;
  /** The node's name. */
  readonly node: string;
  /** Why the server is not well; undefined if it is. */
  illness(): string | undefined;
  /** Takes a client. */
  connect(socket: WebSocket, peer: string): void;
}

/** One HTTP port. */
export class WebServer implements AsyncDisposable {
  /** `http://127.0.0.1:27590/` */
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #parts: WebParts;

  /** Opens the port. @throws {Deno.errors.AddrInUse} If it is taken */
  constructor(parts: WebParts) {
    this.#parts = parts;
    const { host: hostname, port, tls } = parts;
    const quiet = { onListen: () => {}, onError: () => text("Internal error\n", 500) };
    this.#server = Deno.serve(
      { hostname, port, ...tls, ...quiet },
      (request, info) => this.#answer(request, info.remoteAddr),
    );
    this.url = `${tls === undefined ? "http" : "https"}://${hostAndPort(this.#server.addr)}/`;
  }

  #answer(request: Request, peer: Deno.NetAddr): Response {
    if (request.headers.get("upgrade")?.toLowerCase() === "websocket") return this.#upgrade(request, peer);
    if (request.method !== "GET" && request.method !== "HEAD") {
      return text("Method not allowed\n", 405, { allow: "GET" });
    }
    switch (new URL(request.url).pathname) {
      case "/":
        return text(this.#page());
      case "/healthz": {
        const illness = this.#parts.illness();
        return illness === undefined ? text("ok\n") : text(`${illness}\n`, 503);
      }
    }
    return text("Not found\n", 404);
  }

  #upgrade(request: Request, peer: Deno.NetAddr): Response {
    const { headers } = request;
    if (!mayConnect(headers.get("origin"), headers.get("host"), this.#parts.rule)) {
      return text(
        `Pages of ${headers.get("origin")} may not connect. Start the server with that origin listed.\n`,
        403,
      );
    }
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 60 });
    this.#parts.connect(socket, `${peer.hostname}:${peer.port}`);
    return response;
  }

  #page(): string {
    return [
      `MoaT-KV node ${this.#parts.node}`,
      "",
      "Clients connect by WebSocket to this address, one binary frame for one or more messages, or by TCP.",
      "GET /healthz says whether the node is well.",
      "",
    ].join("\n");
  }

  /** Accepts no more, and ends the requests under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function hostAndPort({ hostname, port }: Deno.NetAddr): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

const safetyHeaders = {
  "content-type": "text/plain; charset=utf-8",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'",
  "cache-control": "no-store",
};

function text(body: string, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { ...safetyHeaders, ...headers } });
}
