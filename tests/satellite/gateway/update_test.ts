/** An app is pushed through the tree onto a (simulated) board, tried, kept, or taken back. */

import { type Client, openClient } from "../../../client/mod.ts";
import { startServer } from "../../../server/mod.ts";
import { Gateway } from "../../../satellite/gateway/gateway.ts";
import type { Line } from "../../../satellite/gateway/line/line.ts";
import { manifestHash } from "../../../satellite/gateway/manifest.ts";
import { deviceFiles } from "../../../satellite/sim/device_files.ts";
import { SimulatedSatellite } from "../../../satellite/sim/simulated.ts";
import { Path } from "../../../wire/path/path.ts";
import { P } from "../../../wire/path/template.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals } from "../../support/assert.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

const appOf = (version: number, more = "") => `
from sat import Sat
s = Sat("board", line(), uid=b"board1")
s.value("version").set(${version})
${more}
s.run()
`;

/** A board that boots main.py with the files that it has, whenever it is reset. */
class Board implements AsyncDisposable {
  satellite!: SimulatedSatellite;
  boots = 0;
  readonly #gateway: Gateway;
  #clockMs = 0;

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  static async switchOn(gateway: Gateway, app: string): Promise<Board> {
    const library = await deviceFiles();
    const files = new Map<string, Uint8Array>([["/app.py", bytesOf(app)], [
      "/board.py",
      bytesOf(
        'name = "board"\nuid = b"board1"\ndef make():\n    return line()\n',
      ),
    ]]);
    for (const [name, bytes] of library) {
      if (name === "main.py") files.set("/main.py", bytes);
      else files.set(`/rescue/${name}`, bytes).set(`/${name}`, bytes);
    }
    const board = new Board(gateway);
    await board.#boot(files);
    return board;
  }

  async #boot(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    this.boots++;
    const main = new TextDecoder().decode(files.get("/main.py"));
    const options = { main, files, clockOffsetMs: this.#clockMs, onReset: () => void this.#reset() };
    this.satellite = await SimulatedSatellite.start("board", options);
    void this.#gateway.serve(this.satellite as Line);
  }

  async #reset(): Promise<void> {
    const files = await this.satellite.files();
    await this.satellite[Symbol.asyncDispose]();
    await this.#boot(files);
  }

  /** Lets half a minute pass, in steps that no link takes for silence. */
  async passHalfAMinute(): Promise<void> {
    for (let i = 0; i < 6; i++) {
      this.#clockMs += 6000;
      this.satellite.setClock(this.#clockMs);
      const heard =
        "__import__('time').ticks_diff(__import__('time').ticks_ms(), __import__('app').s.link.heard) < 2000";
      while (await this.satellite.run(heard) !== "True");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.satellite[Symbol.asyncDispose]();
  }
}

async function until(client: Client, path: Path, isSo: (value: Value | undefined) => boolean): Promise<void> {
  for await (const item of client.watch(path, { fetch: true, maxDepth: 0 })) {
    if (isSo("path" in item ? item.value : (await client.get(path)).value)) return;
  }
}

const stateIs = (wanted: string) => (value: Value | undefined) =>
  (value as { state?: Value } | undefined)?.state === wanted;
const now = P("sat.board._app._now");

async function push(client: Client, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [name, bytes] of files) await client.set(P("sat.board._app").child(name), bytes);
  await client.set(P("sat.board._app"), { want: manifestHash(files) });
}

async function withBoard(body: (client: Client, board: Board) => Promise<void>): Promise<void> {
  await using server = await startServer({
    name: "test",
    data: false,
    listen: [{ port: 0 }],
    web: { port: 0 },
    init: "Test",
    alone: true,
  });
  const port = Number(new URL(server.addresses[0]).port);
  await using client = await openClient({ host: "127.0.0.1", port });
  await using gateway = await Gateway.start(client, { name: "here", acceptsAll: true, sources: [] });
  await using board = await Board.switchOn(gateway, appOf(1));
  await until(client, P("sat.board.version"), (value) => value === 1);
  await body(client, board);
}

Deno.test("an app is pushed through the tree, tried, and kept when it went well", () =>
  withBoard(async (client, board) => {
    const files = new Map([["app.py", bytesOf(appOf(2, "import more\n"))], [
      "more.py",
      bytesOf("# more\n".repeat(200)),
    ]]);
    await push(client, files);
    await until(client, P("sat.board.version"), (value) => value === 2);
    await until(client, now, stateIs("trial"));
    assertEquals(board.boots, 2);
    await board.passHalfAMinute();
    await until(client, now, stateIs("ok"));
    const names = [...(await board.satellite.files()).keys()].filter((name) => /^\/(app|more|ota|boot)/.test(name));
    assertEquals(names.sort(), ["/app.py", "/more.py"]);
  }));

Deno.test("an app that does not start is taken back, and the tree says so", () =>
  withBoard(async (client, board) => {
    await push(client, new Map([["app.py", bytesOf("raise RuntimeError('broken')\n")]]));
    await until(client, now, stateIs("rolled back"));
    await until(client, P("sat.board"), stateIs("up"));
    assertEquals(board.boots, 3);
    assertEquals(await board.satellite.run("__import__('app').s.link.hello[0]"), "'board'");
    assertEquals(new TextDecoder().decode((await board.satellite.files()).get("/app.py")), appOf(1));
  }));

Deno.test("files that are there already are not sent, and names that are the board's own are refused", () =>
  withBoard(async (client, board) => {
    await push(client, new Map([["app.py", bytesOf(appOf(1))]]));
    await until(client, now, stateIs("ok"));
    assertEquals(board.boots, 1);
    await client.set(Path.of("sat", "board", "_app", "main.py"), bytesOf("x"));
    await client.set(P("sat.board._app"), { want: manifestHash(new Map([["main.py", bytesOf("x")]])) });
    await client.set(P("sat.board._pol.version"), { min: 1 });
    while (await board.satellite.run("__import__('app').s.slots[0].policy") !== "(1, 0, 0, 0)");
    assertEquals(board.boots, 1);
  }));
