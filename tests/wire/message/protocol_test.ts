/** Plays the transcripts of `wire/PROTOCOL.md` against a real server, so that the document tells the truth. */

import { startServer } from "../../../server/mod.ts";
import { decodeActorMessage } from "../../../wire/actor/message.ts";
import { readInfo } from "../../../wire/message/info.ts";
import { readSync } from "../../../wire/message/sync.ts";
import { readUpdate } from "../../../wire/message/update.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals, assertTrue, fail } from "../../support/assert.ts";
import { type Message, RawConnection } from "../../support/raw_connection.ts";
import { scanned } from "./support.ts";
import { Anything, type Line, messages, type Term, transcripts, Variable } from "./transcript.ts";

const document = await Deno.readTextFile(new URL("../../../wire/PROTOCOL.md", import.meta.url));

/** Plays one transcript. */
class Player {
  readonly #variables = new Map<string, Value>();
  /** What has to come, in any order among those that stand together. */
  #expected: Line[] = [];

  constructor(readonly connection: RawConnection, readonly directory: string) {}

  async play(lines: readonly Line[]): Promise<void> {
    if (lines[0].toServer) await this.connection.receive(); // the greeting
    for (const line of lines) {
      if (!line.toServer) this.#expected.push(line);
      else {
        await this.#receive();
        await this.connection.send([this.#filled(line.message) as Message]);
      }
    }
    await this.#receive();
    await this.connection.send([{ seq: "last", action: "get_tock" }]);
    assertEquals((await this.connection.receive())?.seq, "last", "Nothing else came");
  }

  async #receive(): Promise<void> {
    while (this.#expected.length > 0) {
      const message = await this.connection.receive();
      if (message === undefined) fail(`The connection ended before ${this.#expected[0].text}`);
      const index = this.#expected.findIndex((line) => this.#fits(message, line.message));
      if (index < 0) fail(`Got ${Deno.inspect(message)} instead of ${this.#expected[0].text}`);
      this.#expected.splice(index, 1);
    }
  }

  #filled(term: Term): Value {
    if (term instanceof Variable) return this.#variables.get(term.name) ?? fail(`${term.name} has no value`);
    if (typeof term === "string") return term.replace(/^\/backup/, this.directory);
    if (Array.isArray(term)) return term.map((item) => this.#filled(item));
    if (!isPlain(term)) return term as Value;
    return Object.fromEntries(Object.entries(term).map(([key, value]) => [key, this.#filled(value)]));
  }

  #fits(value: Value | undefined, term: Term): boolean {
    if (value === undefined) return false;
    if (term instanceof Anything) return true;
    if (term instanceof Variable) return this.#variables.set(term.name, value) !== undefined;
    if (Array.isArray(term)) {
      if (term[0] instanceof Anything) return Array.isArray(value);
      return Array.isArray(value) && value.length === term.length &&
        term.every((item, i) => this.#fits(value[i], item));
    }
    if (!isPlain(term)) return encode(value).toHex() === encode(term as Value).toHex();
    if (!isPlain(value) || Object.keys(value).length !== Object.keys(term).length) return false;
    return Object.entries(term).every(([key, item]) => this.#fits((value as Message)[key], item));
  }
}

function isPlain(value: unknown): value is Readonly<Record<string, Term>> {
  return typeof value === "object" && value !== null && !(value instanceof Path) &&
    Object.getPrototypeOf(value) === Object.prototype;
}

const found = transcripts(document);
assertTrue(found.length > 10, `${found.length} transcripts`);

found.forEach(({ title, lines }, number) => {
  Deno.test(`PROTOCOL.md tells the truth: ${title} (transcript ${number + 1})`, async () => {
    const directory = await Deno.makeTempDir();
    try {
      await using server = await startServer({
        name: "test1",
        data: `${directory}/data`,
        listen: [{ port: 0 }],
        web: false,
        init: "Testing",
        alone: true,
        report: () => {},
      });
      using connection = await RawConnection.open(Number(new URL(server.addresses[0]).port));
      await new Player(connection, directory).play(lines);
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
});

Deno.test("PROTOCOL.md tells the truth: messages between servers", () => {
  const kinds = messages(document).map((term) => {
    const message = term as Message;
    if (["init", "ping", "hist"].includes(message.t as string)) return decodeActorMessage(encode(message)).type;
    if (message.t !== undefined) return readSync(encode(message))!.t;
    if (message.path === undefined) return Object.keys(readInfo(message)).includes("missing") ? "missing" : "ticks";
    return readUpdate(scanned(encode(message))).sender === undefined ? "live" : "resent";
  });
  const ours = ["have", "want", "update", "claim"];
  assertEquals(kinds, ["live", "resent", "ticks", "missing", "init", "ping", "hist", "live", ...ours]);
});
