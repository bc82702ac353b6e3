/**
 * The composition root: makes the parts from the configuration, ties them together, and takes them apart again.
 *
 * @module
 */

import type { Auth } from "./auth/auth.ts";
import { readConfig, type ServerConfig, type ServerOptions } from "./config.ts";
import { Persistence } from "./persist/persistence.ts";
import { Ports } from "./ports.ts";
import { ServerCore } from "./server_core.ts";
import { openDoors } from "./status/doors.ts";
import { surroundingsOf } from "./surroundings.ts";

/** A server that serves. */
export interface Server extends AsyncDisposable {
  /** The node's name. */
  readonly node: string;
  /** Where clients connect: `tcp://127.0.0.1:27586`, one for each port. */
  readonly addresses: readonly string[];
  /** Where HTTP and WebSocket are: `http://127.0.0.1:27590/`. */
  readonly web: string | undefined;
  /** The state directory; undefined: memory only. */
  readonly data: string | undefined;
  /** Ends all connections, writes what there is to write, and closes everything. */
  stop(): Promise<void>;
}

/**
 * Starts a server and resolves when it serves. What its owner should hear goes to `report`, line by line.
 *
 * @example
 * ```ts
 * import { startServer } from "@moat/kv/server";
 *
 * await using server = await startServer({ name: "test1", data: false, listen: [{ port: 0 }], web: false, init: "Test" });
 * console.log(server.addresses); // ["tcp://127.0.0.1:43127"]
 * ```
 * @throws {KvError} If it cannot start: a bad option, a port or a directory in use, an unreadable file
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const config = readConfig(options);
  Ports.check(config);
  await using stack = new AsyncDisposableStack();
  let setRefusal = (_reason: string | undefined): void => {};
  const persistence = await openState(config, (reason) => setRefusal(reason));
  if (persistence !== undefined) stack.use(persistence);
  const core = new ServerCore(config, persistence);
  setRefusal = (reason) => reason === undefined ? core.cycle.accept() : core.cycle.refuse(reason);
  stack.use(core);
  await core.fill();
  if (config.unlock && core.parts.services.auth.unlock()) {
    config.report("Nobody has to log in any more, in the whole network");
  }
  const ports = stack.use(new Ports(config, core.parts));
  await ports.open();
  core.connections = () => ports.connections;
  core.serve(ports.addresses);
  for (const address of ports.addresses) config.report(`Clients: ${address}`);
  if (ports.web !== undefined) config.report(`Web: ${ports.web}`);
  config.report(`Data: ${config.data ?? "none (memory only)"}`);
  config.report(`Node: ${config.name}`);
  for (const line of loginRemarks(config, core.parts.services.auth)) config.report(line);
  return new RunningServer(config, ports, stack.move());
}

/** What the owner should hear about logins. */
function loginRemarks(config: ServerConfig, auth: Auth): string[] {
  const doors = auth.current === undefined ? openDoors(config) : undefined;
  return [
    ...doors === undefined ? [] : [`WARNING: ${doors}`],
    ...auth.isCompatible
      ? ["Passwords are stored in the original's form, which is weak: see 'moat auth compatible --help'"]
      : [],
  ];
}

/** Opens the state directory. `setRefusal` hears why nothing can be written, and (with undefined) that it can again. */
async function openState(
  config: ServerConfig,
  setRefusal: (reason: string | undefined) => void,
): Promise<Persistence | undefined> {
  if (config.data === undefined) return undefined;
  return await Persistence.open({
    ...surroundingsOf(config.data),
    node: config.name,
    fsync: config.fsync,
    holder: `process ${Deno.pid}`,
    progress: ({ bytes, bytesTotal }) => config.progress(bytes, bytesTotal),
    report: config.report,
    onFailure: ({ message }) => {
      config.report(`Nothing can be written any more: ${message}`);
      setRefusal(message);
    },
    onRecovery: () => {
      config.report("There is room on the disk again: changes are taken");
      setRefusal(undefined);
    },
  });
}

/** See {@linkcode Server}. */
class RunningServer implements Server {
  readonly node: string;
  readonly data: string | undefined;
  readonly addresses: readonly string[];
  readonly web: string | undefined;
  readonly #stack: AsyncDisposableStack;
  #stopped: Promise<void> | undefined;

  constructor(config: ServerConfig, ports: Ports, stack: AsyncDisposableStack) {
    this.node = config.name;
    this.data = config.data;
    this.addresses = ports.addresses;
    this.web = ports.web;
    this.#stack = stack;
  }

  stop(): Promise<void> {
    return this.#stopped ??= this.#stack.disposeAsync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
