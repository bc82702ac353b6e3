import { endsByItself, splitScripts } from "../../../../client/cli/util/source_text.ts";
import { assertEquals } from "../../../support/assert.ts";

const scripts: readonly (readonly [text: string, encode: string, decode: string])[] = [
  ["return str(value)\nreturn float(value)\n", "return str(value)\n", "return float(value)\n"],
  ["a = 1\nreturn a\n---\nreturn 2\n", "a = 1\nreturn a\n", "return 2\n"],
  ["if value:\n  return 1\nreturn 2\nreturn 3\n", "if value:\n  return 1\nreturn 2\n", "return 3\n"],
  ["return [\n  1,\n]\nreturn 2\n", "return [\n  1,\n]\nreturn 2\n", ""],
  ["return str(value)\n", "return str(value)\n", ""],
  ["value\n", "value\n", ""],
];

Deno.test("splitScripts() takes two scripts apart at the marker, or behind the first return that nothing can follow", () => {
  for (const [text, encode, decode] of scripts) assertEquals(splitScripts(text), { encode, decode }, text);
});

Deno.test("endsByItself() waits for closed brackets and quotes", () => {
  const lines = [
    "return f(",
    'return """a',
    "return 1, \\",
    "  return 1",
    "return 'it''s'",
    "return (1)",
    "return",
    "returned",
  ];
  assertEquals(lines.map(endsByItself), [false, false, false, false, true, true, true, false]);
});
