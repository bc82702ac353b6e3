import { policyAt, policyOf } from "../../../../server/replicate/conflict/policy.ts";
import { Store } from "../../../../server/core/store.ts";
import type { Value } from "../../../../wire/value.ts";
import { assertEquals } from "../../../support/assert.ts";
import { keys, put } from "../../core/world.ts";

function storeWith(policies: Record<string, Value>): Store {
  const store = new Store({ node: "a" });
  for (const [pattern, value] of Object.entries(policies)) put(store, `:.moat.kv.conflict_policy.${pattern}`, value);
  store.commit();
  return store;
}

Deno.test("policyOf() reads the three kinds, and nothing else", () => {
  assertEquals(policyOf("latest"), { kind: "latest" });
  assertEquals(policyOf("keep-both"), { kind: "keep-both" });
  assertEquals(policyOf("prefer hub"), { kind: "prefer", node: "hub" });
  for (const value of ["prefer", "prefer a b", "newest", 1, null, ["latest"], undefined]) {
    assertEquals(policyOf(value), undefined, String(value));
  }
});

Deno.test("policyAt(): the most specific pattern that fits", () => {
  const store = storeWith({
    "#": "prefer rest",
    "home.#": "prefer home",
    "home.+.temp": "prefer temp",
    "home.hall.temp": "keep-both",
    "home.attic.#": "prefer attic",
  });
  const at = (path: string) => {
    const policy = policyAt(store, keys(path));
    return policy.kind === "prefer" ? policy.node : policy.kind;
  };
  assertEquals(at("home.hall.temp"), "keep-both");
  assertEquals(at("home.cellar.temp"), "temp");
  assertEquals(at("home.attic.temp"), "attic", "a name is more specific than +, whatever follows");
  assertEquals(at("home.hall.light"), "home");
  assertEquals(at("home"), "rest", "# is one or more levels");
  assertEquals(at("garden.temp"), "rest");
  assertEquals(at(":n.user.joe"), "latest", "the internal tree has no policies");
  assertEquals(policyAt(storeWith({}), keys("a")), { kind: "latest" });
});

Deno.test("policyAt() passes over what is no policy", () => {
  const store = storeWith({ "#": "keep-both", "a.+": 7, "a.b": "prefer" });
  assertEquals(policyAt(store, keys("a.b")), { kind: "keep-both" });
});
