import fc from "fast-check";
import { ProtocolError } from "../../../wire/errors.ts";
import { type ElementKey, elementOf, keysOf } from "../../../wire/path/keys.ts";
import { Path } from "../../../wire/path/path.ts";
import { PathLengthener, PathShortener } from "../../../wire/path/shorten.ts";
import { P } from "../../../wire/path/template.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";
import { type Json, readVectors } from "../../support/vectors.ts";
import { anyPath, elementOfJson, plain } from "./support.ts";

interface ShortenVector {
  readonly prefix: Json[];
  readonly path: Json[];
  readonly shortened: {
    readonly path: { readonly $path?: Json[]; readonly $tuple?: Json[] };
    depth: number;
  };
}

function pathOf(json: Json[] | undefined): Path {
  return Path.of(...(json ?? []).map(elementOfJson));
}

Deno.test("paths are shortened as the original does, and lengthened again", () => {
  for (const { prefix, path, shortened } of readVectors("pathshorten.jsonl") as unknown as readonly ShortenVector[]) {
    const shortener = new PathShortener();
    const lengthener = new PathLengthener();
    const whole = pathOf(path);
    const before = whole.slice(0, prefix.length + shortened.depth); // the vectors leave out what came before
    assertEquals(shortener.depth(keysOf(before), prefix.length), 0);
    lengthener.path(before.slice(prefix.length), 0);
    const tail = pathOf(shortened.path.$path ?? shortened.path.$tuple);
    assertEquals(shortener.depth(keysOf(whole), prefix.length), shortened.depth);
    assertEquals(plain(whole.slice(prefix.length + shortened.depth)), plain(tail));
    assertEquals(plain(lengthener.path(tail, shortened.depth)), plain(whole.slice(prefix.length)));
  }
});

Deno.test("whatever is shortened comes back", () => {
  const stream = fc.array(
    fc.oneof(anyPath, fc.constantFrom("a", "a.b", "a.b.c", "a.x", "b:1,2", "b:1,2:t", ":").map((text) => P(text))),
  );
  fc.assert(fc.property(stream, fc.constantFrom(":", "p.q"), (paths, prefixText) => {
    const prefix = P(prefixText);
    const shortener = new PathShortener();
    const lengthener = new PathLengthener();
    const reused: ElementKey[] = [];
    for (const path of paths) {
      const keys = keysOf(prefix.concat(path));
      keys.forEach((key, i) => reused[i] = key);
      const depth = shortener.depth(reused, prefix.length, keys.length);
      const tail = Path.from(keys.slice(prefix.length + depth).map(elementOf));
      assertEquals(plain(lengthener.path(tail, depth)), plain(path));
    }
  }));
});

Deno.test("a path without depth is whole and is not remembered", () => {
  const lengthener = new PathLengthener();
  lengthener.path(P("a.b"), 0);
  assertEquals(lengthener.path(P("x.y.z"), undefined).toString(), "x.y.z");
  assertEquals(lengthener.path(P("c"), 1).toString(), "a.c");
});

Deno.test("a depth without such a path before is refused", () => {
  const lengthener = new PathLengthener();
  lengthener.path(P("a.b"), 0);
  for (const depth of [3, -1, 0.5, NaN]) {
    assertThrows(() => lengthener.path(P("c"), depth), ProtocolError, `depth ${depth} after one of length 2`);
  }
});
