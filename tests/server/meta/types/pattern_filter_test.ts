import fc from "fast-check";
import { Store } from "../../../../server/core/store.ts";
import { PatternFilter } from "../../../../server/meta/types/pattern_filter.ts";
import { PatternWalk } from "../../../../server/meta/pattern.ts";
import { bestMatch } from "../../../../server/meta/wildcard.ts";
import type { ElementKey } from "../../../../wire/path/keys.ts";
import { assertEquals, assertTrue } from "../../../support/assert.ts";

const element = fc.constantFrom<ElementKey>("a", "b", "c", 1, "+", "#");
const pattern = fc.array(element, { minLength: 1, maxLength: 4 });
const path = fc.array(fc.constantFrom<ElementKey>("a", "b", "c", 1, 2, null), { minLength: 1, maxLength: 5 });

function treeOf(patterns: readonly (readonly ElementKey[])[]): Store {
  const store = new Store({ node: "test1" });
  for (const keys of patterns) {
    const whole = ["top", ...keys];
    store.write(store.ensure(whole, whole.length), Uint8Array.of(1), 0, 1);
  }
  store.ensure(["top"], 1);
  return store;
}

Deno.test("the filter lets every path pass that a pattern fits", () => {
  fc.assert(fc.property(fc.array(pattern, { maxLength: 6 }), fc.array(path, { maxLength: 10 }), (patterns, paths) => {
    const top = treeOf(patterns).find(["top"], 1)!;
    const filter = new PatternFilter(top);
    assertEquals(filter.isEmpty, patterns.length === 0);
    for (const keys of paths) {
      const found = bestMatch(top, keys, 0, keys.length);
      if (found !== undefined && found !== top) assertTrue(filter.mayFit(keys, keys.length));
    }
  }));
});

Deno.test("the filter rejects what neither begins nor ends like a pattern", () => {
  const filter = new PatternFilter(treeOf([["house", "#"], ["+", "+", "quota"]]).find(["top"], 1)!);
  assertEquals(
    [["house", "x"], ["a", "b", "quota"], ["a", "b"], ["hose", "x"]].map((keys) => filter.mayFit(keys, keys.length)),
    [
      true,
      true,
      false,
      false,
    ],
  );
});

Deno.test("one pattern that is not in the tree fits what it would fit in the tree", () => {
  fc.assert(fc.property(pattern, path, (keys, at) => {
    const top = treeOf([keys]).find(["top"], 1)!;
    const walk = new PatternWalk(keys);
    let goesOn = true;
    for (let depth = 1; depth <= at.length && goesOn; depth++) goesOn = walk.step(depth, at[depth - 1]);
    const fits = goesOn && walk.fits(at.length);
    assertEquals(fits, bestMatch(top, at, 0, at.length) !== undefined);
  }));
});
