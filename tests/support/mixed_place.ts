/** Networks of servers of the original (Python) and of ours, for tests. Skipped where there is no Python or no mosquitto. */

import { type Client, openClient } from "../../mod.ts";
import { type Server, type ServerOptions, startServer } from "../../server/mod.ts";
import type { Path } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";
import { sees } from "./convergence.ts";
import { freePort } from "./free_port.ts";
import { hasMosquitto } from "./mosquitto.ts";
import { OriginalServer, type OriginalStart, shortTimes } from "./original_server.ts";
import { findPython } from "./python.ts";

const found = await findPython();
const reason = "missing" in found ? found.missing : hasMosquitto ? undefined : "mosquitto is not installed";
if (reason !== undefined) console.log(`networks with the original are skipped: ${reason}`);
const ignore = reason !== undefined;
const python = "python" in found ? found.python : "";

/** A test's own network. */
export class Place implements AsyncDisposable {
  readonly stack = new AsyncDisposableStack();
  readonly reports: string[] = [];
  readonly originals: OriginalServer[] = [];
  /** Client ports by name, fixed before anybody starts, so that all can know all. */
  readonly ports: Record<string, number> = {};

  private constructor(readonly directory: string) {}

  static async make(...names: string[]): Promise<Place> {
    const place = new Place(await Deno.makeTempDir({ prefix: "moat-test-" }));
    place.stack.defer(() => Deno.remove(place.directory, { recursive: true }));
    for (const name of names) place.ports[name] = freePort();
    return place;
  }

  async original(name: string, broker: string, more: Partial<OriginalStart> = {}): Promise<Client> {
    const server = await OriginalServer.spawn({
      ...more,
      python,
      name,
      broker,
      port: this.ports[name],
      hostmap: this.ports,
      directory: this.directory,
    });
    this.stack.use(server);
    this.originals.push(server);
    await server.running();
    return await this.client(this.ports[name]);
  }

  async ours(name: string, broker: string, more: Partial<ServerOptions> = {}): Promise<Client> {
    await this.server(name, broker, more);
    return await this.client(this.ports[name]);
  }

  async server(name: string, broker: string, more: Partial<ServerOptions> = {}): Promise<Server> {
    const hostmap = Object.fromEntries(
      Object.entries(this.ports).map(([node, port]): [string, [string, number]] => [node, ["127.0.0.1", port]]),
    );
    return this.stack.use(
      await startServer({
        name,
        listen: [{ port: this.ports[name] }],
        web: false,
        data: false,
        broker: { uri: broker },
        peers: { hostmap },
        originals: { ping: shortTimes },
        report: (line) => this.reports.push(`${name}: ${line}`),
        ...more,
      }),
    );
  }

  async client(port: number): Promise<Client> {
    return this.stack.use(await openClient({ port, dynamicConfig: false }));
  }

  /** All originals live. */
  mustLive(): void {
    for (const each of this.originals) each.mustLive();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stack.disposeAsync();
  }
}

/** Registers a test that needs both. */
export function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

/** Waits until all see a value. */
export async function all(
  clients: readonly Client[],
  path: Path,
  value: Value | undefined,
  waitMs?: number,
): Promise<void> {
  await Promise.all(clients.map((client) => sees(client, path, value, waitMs)));
}

/** Lets time pass: a split has to last. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
