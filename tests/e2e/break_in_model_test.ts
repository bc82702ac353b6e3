/** Tries to get beyond what an ACL grants: any rules on any trees, against a model that is the specification word by word. */

import fc from "fast-check";
import type { AclLetter } from "../../server/meta/acl/letters.ts";
import type { PathElement } from "../../wire/path/path.ts";
import type { Value } from "../../wire/value.ts";
import { AclBench, attempt } from "../server/action/acl_bench.ts";
import type { Message } from "../server/session/bench.ts";
import { assertEquals, assertTrue } from "../support/assert.ts";
import { bestPattern } from "../support/wildcard_oracle.ts";

interface RandomHouse {
  readonly rules: readonly (readonly [pattern: readonly PathElement[], letters: string])[];
  readonly paths: readonly (readonly PathElement[])[];
  readonly at: readonly PathElement[];
}

const name = fc.constantFrom("a", "b", "c");
const patternElement = fc.constantFrom("a", "b", "c", "+", "#");
const letters = fc.subarray([..."rrexwd"]).map((chosen) => chosen.join(""));
const randomHouse: fc.Arbitrary<RandomHouse> = fc.record({
  rules: fc.array(fc.tuple(fc.array(patternElement, { maxLength: 4 }), letters), { maxLength: 10 }),
  paths: fc.array(fc.array(name, { maxLength: 4 }), { minLength: 1, maxLength: 12 }),
  at: fc.array(name, { maxLength: 2 }),
});

/** What the specification says, without a thought for speed. */
class Model {
  readonly #letters = new Map<string, string>();
  readonly #patterns: (readonly PathElement[])[];

  constructor(rules: RandomHouse["rules"]) {
    for (const [pattern, text] of rules) this.#letters.set(pattern.join("."), text);
    this.#patterns = rules.map(([pattern]) => pattern);
  }

  #at(path: readonly PathElement[]): string {
    const best = bestPattern(this.#patterns as never, path as never);
    return best === undefined ? "xn" : this.#letters.get(best.join("."))!;
  }

  may(letter: AclLetter, path: readonly PathElement[]): boolean {
    return this.#at(path).includes(letter) && path.every((_, i) => this.#at(path.slice(0, i)).includes("x"));
  }

  /** Whether what is listed from `start` comes to this path. */
  lists(start: readonly PathElement[], path: readonly PathElement[]): boolean {
    for (let i = start.length; i < path.length; i++) if (!this.may("e", path.slice(0, i))) return false;
    return true;
  }
}

const textOf = (path: readonly PathElement[]) => path.length === 0 ? ":" : path.join(".");

Deno.test("break-in: for any rules and trees, what is shown is what the specification says", async () => {
  let shown = 0;
  let hidden = 0;
  await fc.assert(
    fc.asyncProperty(randomHouse, async ({ rules, paths, at }) => {
      await using bench = new AclBench();
      for (const path of paths) await bench.write(textOf(path), `=${textOf(path)}=`);
      for (const [pattern, text] of rules) {
        await bench.write(`:n.acl.joe${pattern.map((each) => `.${each}`).join("")}`, text);
      }
      const model = new Model(rules);
      const client = await bench.bound("joe");
      const all = [...new Map(paths.map((path) => [textOf(path), path])).values()];
      for (const path of all) {
        const [reply] = await attempt(client, "get_value", { path: [...path] });
        assertEquals(reply.value, model.may("r", path) ? `=${textOf(path)}=` : undefined, textOf(path));
        if (model.may("r", path)) shown++;
        else hidden++;
      }
      const inside = all.filter((path) => at.every((element, i) => path[i] === element) && path.length >= at.length);
      const visible = inside.filter((path) => model.may("r", path) && model.lists(at, path)).map((path) =>
        `=${textOf(path)}=`
      );
      const tree = await attempt(client, "get_tree", { path: [...at] });
      const values = (messages: Message[]) =>
        messages.map(({ value }) => value).filter((value) => value !== undefined).sort();
      assertEquals(values(tree), model.may("e", at) && inside.length > 0 ? visible.sort() : []);
      const watched = await attempt(client, "watch", { path: [...at], fetch: true });
      assertEquals(values(watched), visible);
      for (const path of all) await bench.write(textOf(path), `=${textOf(path)}=`);
      assertEquals(values(await client.pending()), visible, "what changes");
      const children = await attempt(client, "enum", { path: [...at], with_data: true });
      const own = inside.filter((path) => path.length === at.length + 1 && model.may("r", path));
      const expected = model.may("e", at) && bench.store.find(at as never, at.length) !== undefined
        ? own.map((path) => path.at(-1)).sort()
        : [];
      assertEquals(Object.keys(children[0].result ?? {}).sort(), expected);
    }),
    { numRuns: 400 },
  );
  assertTrue(shown > 100 && hidden > 100, `${shown} shown, ${hidden} hidden`);
});

Deno.test("break-in: when rules change, a running watch ends up with what a new one would get", async () => {
  await fc.assert(
    fc.asyncProperty(
      randomHouse,
      fc.array(fc.tuple(fc.array(patternElement, { maxLength: 3 }), letters), { maxLength: 4 }),
      async ({ rules, paths, at }, changes) => {
        await using bench = new AclBench();
        for (const path of paths) await bench.write(textOf(path), `=${textOf(path)}=`);
        const put = (pattern: readonly PathElement[], text: string) =>
          bench.write(`:n.acl.joe${pattern.map((each) => `.${each}`).join("")}`, text);
        for (const [pattern, text] of rules) await put(pattern, text);
        const client = await bench.bound("joe");
        const seen = new Set<Value>(
          (await attempt(client, "watch", { path: [...at], fetch: true })).map(({ value }) => value),
        );
        for (const [pattern, text] of changes) {
          await put(pattern, text);
          for (const { value } of await client.pending()) seen.add(value);
          const fresh = await attempt(await bench.bound("joe"), "watch", { path: [...at], fetch: true });
          for (const { value } of fresh) assertTrue(value === undefined || seen.has(value), `${value} was not sent`);
          // And nothing comes of what must not be seen any more.
          const now = new Set(fresh.map(({ value }) => value));
          for (const path of paths) await bench.write(textOf(path), `=${textOf(path)}=`);
          for (const { value } of await client.pending()) assertTrue(now.has(value), `${value} was sent`);
        }
      },
    ),
    { numRuns: 150 },
  );
});
