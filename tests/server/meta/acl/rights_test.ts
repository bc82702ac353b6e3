import fc from "fast-check";
import { AclError } from "../../../../wire/errors.ts";
import { encode } from "../../../../wire/msgpack/encoder.ts";
import { keysOf } from "../../../../wire/path/keys.ts";
import { parsePath } from "../../../../wire/path/parse.ts";
import type { Value } from "../../../../wire/value.ts";
import { Store } from "../../../../server/core/store.ts";
import { Acls } from "../../../../server/meta/acl/acls.ts";
import type { AclLetter } from "../../../../server/meta/acl/letters.ts";
import type { Rights } from "../../../../server/meta/acl/rights.ts";
import { assertEquals, assertThrows } from "../../../support/assert.ts";
import { ManualClock } from "../../../support/manual_clock.ts";

/** A store with ACLs, as a server has them. */
class World {
  readonly store = new Store({ node: "a" });
  readonly clock = new ManualClock();
  readonly acls = new Acls(this.store, this.clock);

  constructor(name: string, rules: Record<string, Value>) {
    for (const [pattern, value] of Object.entries(rules)) this.set(name, pattern, value);
  }

  set(name: string, pattern: string, value: Value | Uint8Array | undefined, isRaw = false): void {
    const keys = keysOf(parsePath(`:n.acl.${name}${pattern === "" ? "" : `.${pattern}`}`));
    const entry = this.store.ensure(keys, keys.length);
    if (value === undefined) {
      this.store.delete(entry);
    } else {
      const bytes = isRaw ? value as Uint8Array : encode(value as Value);
      this.store.write(entry, bytes, 0, bytes.length);
    }
    this.store.commit();
    this.acls.changed(keys);
    this.acls.settle();
  }
}

const at = (path: string) => keysOf(parsePath(path));

function letters(rights: Rights, path: string): string {
  const keys = at(path);
  return [..."rwcdxena"].filter((letter) => rights.may(letter as AclLetter, keys, keys.length)).join("");
}

function refusal(rights: Rights, letter: AclLetter, path: string): string {
  return assertThrows(() => rights.check(letter, at(path), at(path).length), AclError).message;
}

/** What a write is refused with; `exists` are the paths that are there. */
function writeRefusal(rights: Rights, path: string, exists: string[]): string | undefined {
  const keys = at(path);
  const place = {
    hasValue: exists.includes(path),
    exists: (levels: number) =>
      exists.some((other) => String(at(other).slice(0, levels)) === String(keys.slice(0, levels))),
  };
  try {
    rights.checkWrite(keys, keys.length, place);
  } catch (error) {
    if (error instanceof AclError) return error.message;
    throw error;
  }
}

Deno.test("rights: no rule that fits is no access, but the way to what lies below is free", () => {
  const { acls } = new World("joe", { "home.lamp": "rw" });
  const rights = acls.rights("joe");
  assertEquals(letters(rights, ":"), "xn");
  assertEquals(letters(rights, "home"), "xn");
  assertEquals(letters(rights, "home.lamp"), "rw");
  assertEquals(letters(rights, "garden"), "xn");
  assertEquals(letters(rights, "home.lamp.color"), "", "the lamp's rule has no x");
  assertEquals(refusal(rights, "r", "garden"), "(None, 'r')");
});

Deno.test("rights: a rule on the ACL's own entry is for the root, and # is not", () => {
  const { acls } = new World("joe", { "": "re", "#": "rx" });
  assertEquals(letters(acls.rights("joe"), ":"), "re");
  assertEquals(letters(acls.rights("joe"), "a"), "", "the root's rule has no x");
  assertEquals(refusal(acls.rights("joe"), "r", "a.b"), "(<AclEntry:[None, 'acl', 'joe'] ='re'>, 'x')");
});

Deno.test("rights: an ACL that does not exist allows nothing at all", () => {
  const { acls } = new World("joe", {});
  const rights = acls.rights("nobody");
  assertEquals(letters(rights, "a.b"), "xn");
  assertEquals(writeRefusal(rights, "a.b", []), "(None, 'w')");
});

Deno.test("rights: the tutorial's write-only ACL", () => {
  const { acls } = new World("writeonly", { "wom.#": "xc" });
  const rights = acls.rights("writeonly");
  assertEquals(writeRefusal(rights, "wom.foo.bar", []), undefined, "c implies n");
  const entry = "<AclEntry:[None, 'acl', 'writeonly', 'wom', '#'] ='xc'>";
  assertEquals(writeRefusal(rights, "wom.foo.bar", ["wom.foo.bar"]), `(${entry}, 'w')`);
  assertEquals(refusal(rights, "r", "wom.foo"), `(${entry}, 'r')`);
  assertEquals(refusal(rights, "r", "one.two.three"), "(None, 'r')");
  assertEquals(writeRefusal(rights, "wom", []), "(None, 'w')", "# is one or more levels");
});

Deno.test("rights: x leads through what is there, n through what has to be made", () => {
  const { acls } = new World("joe", { "a": "x", "a.+": "n", "b": "n", "#.c": "c", "d": "" });
  const rights = acls.rights("joe");
  const rule = (pattern: string, text: string) => `<AclEntry:[None, 'acl', 'joe', ${pattern}] ='${text}'>`;
  assertEquals(writeRefusal(rights, "a.new.c", []), `(${rule("'a'", "x")}, 'n')`);
  assertEquals(writeRefusal(rights, "a.old.c", ["a.old"]), undefined);
  assertEquals(writeRefusal(rights, "a.old.c", ["a.old.c.d"]), `(${rule("'a', '+'", "n")}, 'x')`);
  assertEquals(writeRefusal(rights, "b.c", []), undefined);
  assertEquals(writeRefusal(rights, "b.c", ["b.c.x"]), `(${rule("'b'", "n")}, 'x')`);
  assertEquals(writeRefusal(rights, "d.c", []), `(${rule("'d'", "")}, 'x')`);
});

Deno.test("rights: who may neither change nor create does not learn which it would have been", () => {
  const { acls } = new World("joe", { "#": "rxn" });
  const rights = acls.rights("joe");
  assertEquals(writeRefusal(rights, "a", []), writeRefusal(rights, "a", ["a"]));
});

Deno.test("rights: the internal tree is closed, whatever the rules say", () => {
  const { acls } = new World("joe", { "": "rwcdxena", "#": "rwcdxena" });
  const rights = acls.rights("joe");
  assertEquals(letters(rights, "a"), "rwcdxena");
  assertEquals(letters(rights, ":n"), "");
  assertEquals(letters(rights, ":n.auth"), "");
  assertEquals(writeRefusal(rights, ":n.acl.joe", []), "(None, 'w')");
  assertEquals(rights.book.sees(at(":n.auth"), 0, 2), false);
});

Deno.test("rights: what is no text grants nothing, and does not let others' rules through", () => {
  const poison: (Value | Uint8Array)[] = [
    1,
    null,
    ["r"],
    { acl: 1 },
    { acl: "r", until: "never" },
    new Uint8Array([1]),
    true,
  ];
  for (const value of poison) {
    const { acls } = new World("joe", { "#": "rx", "a": value as Value });
    assertEquals(letters(acls.rights("joe"), "a"), "", JSON.stringify(value));
    assertEquals(letters(acls.rights("joe"), "b"), "rx");
  }
  const world = new World("joe", { "#": "rx" });
  world.set("joe", "a", new Uint8Array([0xc1]), true);
  assertEquals(letters(world.acls.rights("joe"), "a"), "", "not even msgpack");
});

Deno.test("rights: letters that mean nothing are passed over", () => {
  const { acls } = new World("joe", { "#": "Zrr?x" });
  assertEquals(letters(acls.rights("joe"), "a"), "rx");
});

Deno.test("rights: a change counts at once, and says what it was", () => {
  const world = new World("joe", { "#": "rx" });
  const rights = world.acls.rights("joe");
  const heard: string[] = [];
  const stop = rights.onChange((before, changed) => {
    heard.push(`${before.denial("r", ["a"], 1) === undefined} ${JSON.stringify(changed)}`);
  });
  const { version } = rights;
  world.set("joe", "a.+", "w");
  assertEquals(letters(rights, "a.b"), "w");
  assertEquals(rights.version > version, true);
  world.set("joe", "a.+", undefined);
  assertEquals(letters(rights, "a.b"), "rx");
  world.set("ann", "#", "rwcdxena");
  assertEquals(letters(rights, "a.b"), "rx");
  stop();
  world.set("joe", "#", "");
  assertEquals(letters(rights, "a.b"), "");
  assertEquals(heard, ['true [["a","+"]]', 'true [["a","+"]]']);
});

Deno.test("rights: a rule with an end is as if it were not there from then on, and listeners hear of it", () => {
  const world = new World("joe", { "#": "rx", "a.#": { acl: "rwx", until: 100 }, "b": { acl: "", until: 200.5 } });
  const rights = world.acls.rights("joe");
  const heard: unknown[] = [];
  rights.onChange((_before, changed) => heard.push(changed));
  assertEquals(letters(rights, "a.x"), "rwx");
  assertEquals(letters(rights, "b"), "");
  world.clock.advance(99_999);
  assertEquals(letters(rights, "a.x"), "rwx");
  world.clock.advance(1);
  assertEquals(heard, [[["a", "#"]]]);
  assertEquals(letters(rights, "a.x"), "rx");
  world.clock.advance(100_500);
  assertEquals(letters(rights, "b"), "rx");
  assertEquals(heard, [[["a", "#"]], [["b"]]]);
  assertEquals(world.clock.timers, 0);
});

Deno.test("rights: an end counts on time also if no timer ran", () => {
  const world = new World("joe", { "#": { acl: "r", until: 100 } });
  const rights = world.acls.rights("joe");
  world.clock.after = () => () => {};
  assertEquals(letters(rights, "a"), "r");
  world.clock.advance(100_000);
  assertEquals(letters(rights, "a"), "xn");
});

Deno.test("rights: the digest is the same however the rules came, and another with other rules", () => {
  const digest = (order: string[], value = "r") => {
    const store = new Store({ node: "a" });
    for (const pattern of order) {
      const keys = at(`:n.acl.joe.${pattern}`);
      const bytes = encode(value);
      store.merge({
        keys,
        length: keys.length,
        chain: { node: "b", tick: pattern.length + (value === "r" ? 0 : 9), prev: null },
        tock: 1 + pattern.length,
        bytes,
        start: 0,
        end: bytes.length,
      });
    }
    store.commit();
    return String(new Acls(store, new ManualClock()).rights("joe").book.digest);
  };
  assertEquals(digest(["a", "a.b", "c.d.e"]), digest(["c.d.e", "a.b", "a"]));
  assertEquals(digest(["a"]) === digest(["a"], "w"), false);
  assertEquals(digest(["a"]) === digest(["a", "a.b"]), false);
});

const element = fc.constantFrom("a", "b", "+", "#");
const ruleValue = fc.constantFrom<Value | undefined>("r", "wx", "", undefined, 7, { acl: "rx", until: 50 }, {
  acl: "w",
  until: 90,
});

Deno.test("rights: rules that are read one by one are the same as all of them read anew", () => {
  const step = fc.tuple(fc.array(element, { maxLength: 3 }), ruleValue, fc.nat(40));
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.array(fc.array(element, { maxLength: 4 })),
      (steps, paths) => {
        const world = new World("joe", {});
        const rights = world.acls.rights("joe");
        for (const [pattern, value, seconds] of steps) {
          world.clock.advance(seconds * 1000);
          world.set("joe", pattern.join("."), value);
          const fresh = new Acls(world.store, world.clock).rights("joe");
          assertEquals(rights.book.digest, fresh.book.digest);
          assertEquals(rights.book.untilMs, fresh.book.untilMs);
          for (const path of paths) {
            for (const letter of "rwx") {
              const denials = [rights, fresh].map(({ book }) => book.denial(letter as AclLetter, path, path.length));
              assertEquals(...denials.map((denial) => denial && `${denial.rule} ${denial.letter}`) as [string, string]);
            }
          }
        }
      },
    ),
    { numRuns: 500 },
  );
});
