import fc from "fast-check";
import { bestMatch, type PatternNode, PatternPlaces } from "../../../server/meta/wildcard.ts";
import type { ElementKey } from "../../../wire/path/keys.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";
import { bestPattern } from "../../support/wildcard_oracle.ts";

/** A tree of patterns. */
class Node implements PatternNode<Node> {
  hasValue = false;
  readonly below = new Map<ElementKey, Node>();

  constructor(readonly pattern: readonly ElementKey[] = []) {}

  child(key: ElementKey): Node | undefined {
    return this.below.get(key);
  }

  add(pattern: readonly ElementKey[]): void {
    // deno-lint-ignore no-this-alias -- the walk begins here
    let node: Node = this;
    for (const key of pattern) {
      let next = node.below.get(key);
      if (next === undefined) node.below.set(key, next = new Node([...node.pattern, key]));
      node = next;
    }
    node.hasValue = true;
  }
}

function treeOf(patterns: readonly (readonly ElementKey[])[]): Node {
  const top = new Node();
  for (const pattern of patterns) top.add(pattern);
  return top;
}

const element = fc.constantFrom<ElementKey>("a", "b", "c", "+", "#", "#", "+", null, 1, true);
const pattern = fc.array(element, { maxLength: 5 });
const name = fc.constantFrom<ElementKey>("a", "b", "c", "d", "+", "#", null, 1, true);

Deno.test("bestMatch() agrees with the brute-force oracle on any patterns and paths", () => {
  let found = 0;
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 12 }), fc.array(name, { maxLength: 6 }), (patterns, path) => {
      const match = bestMatch(treeOf(patterns), path, 0, path.length);
      const best = bestPattern(patterns, path);
      const expected = best && JSON.stringify(best);
      if (expected !== undefined) found++;
      assertEquals(match && JSON.stringify(match.pattern), expected);
    }),
    { numRuns: 5000 },
  );
  assertTrue(found > 500, `only ${found} of the random paths had a match`);
});

Deno.test("PatternPlaces: a step further and a look at what is below agree", () => {
  fc.assert(
    fc.property(
      fc.array(pattern, { maxLength: 12 }),
      fc.array(name, { minLength: 1, maxLength: 6 }),
      (patterns, path) => {
        let places = PatternPlaces.at(treeOf(patterns));
        for (const key of path) {
          const below = places.bestBelow(key);
          places = places.step(key);
          assertEquals(below, places.best());
        }
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("bestMatch(): the documented examples", () => {
  const at = (patterns: string[], path: string) => {
    const tree = treeOf(patterns.map((text) => text === "" ? [] : text.split(".")));
    return bestMatch(tree, path.split("."), 0, path.split(".").length)?.pattern.join(".");
  };
  assertEquals(at(["a.b.#.g", "a.#.d.e.f.g"], "a.b.c.d.e.f.g"), "a.b.#.g", "a name beats a later, longer one");
  assertEquals(at(["#"], "a"), "#");
  assertEquals(at(["a.#"], "a"), undefined, "# is at least one level");
  assertEquals(at(["a.+"], "a.b.c"), undefined, "+ is exactly one");
  assertEquals(at(["+.b", "a.#"], "a.b"), "a.#", "the first difference decides");
  assertEquals(at(["#.b", "#"], "a.b"), "#.b", "a # that ends earlier");
  assertEquals(at(["a.+.c", "a.b"], "a.b.c"), "a.+.c", "what leads nowhere does not count");
});

Deno.test("bestMatch(): between two positions of a path, and with a choice of its own", () => {
  const tree = treeOf([["#"], ["x", "+"], ["x", "y"]]);
  assertEquals(bestMatch(tree, ["no", "x", "y", "no"], 1, 3)?.pattern, ["x", "y"]);
  const counts = (node: Node) => node.hasValue && node.pattern.at(-1) !== "y";
  assertEquals(
    bestMatch(tree, ["no", "x", "y", "no"], 1, 3, counts)?.pattern,
    ["x", "+"],
    "passes over what does not count",
  );
});

Deno.test("bestMatch() is not led astray by many wildcards: 255 of them on a path of 255 elements", () => {
  const stars = (count: number) => Array.from({ length: count }, () => "#");
  const tree = treeOf(Array.from({ length: 255 }, (_, i) => [...stars(i), "never"]));
  tree.add([...stars(200), "end"]);
  const path = [...Array.from({ length: 254 }, (_, i) => `k${i}`), "end"];
  assertEquals(bestMatch(tree, path, 0, path.length)?.pattern.length, 201);
  assertEquals(bestMatch(tree, path, 0, path.length - 1), undefined);
});
