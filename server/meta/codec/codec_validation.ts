/**
 * What a client may store as a codec: each direction that has code has examples, and each of these comes out right.
 *
 * | wrong | `error` |
 * | --- | --- |
 * | `decode` or `encode` is missing (nil: values pass unchanged) | `AttributeError('decode')` |
 * | its examples are missing; there are none | `KeyError('in')`; `RuntimeError('Must have tests for decoding')` |
 * | the code does not compile | `SyntaxError('invalid syntax', …)` |
 * | an example raises | `ValueError("failed decoder at :n.codec.int on 'x' with ValueError(…)")` |
 * | an example comes out wrong | `ValueError("Decoding at :n.codec.int: '1' got 1, not 2")` |
 *
 * Source: `spec/client-protocol.md` 6.3.
 *
 * @module
 */

import { decode } from "../../../wire/msgpack/decoder.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";
import { type ElementKey, elementOf } from "../../../wire/path/keys.ts";
import { Path } from "../../../wire/path/path.ts";
import { Refusal } from "../../../wire/refusal.ts";
import { quote, repr } from "../../../wire/repr.ts";
import type { Value } from "../../../wire/value.ts";
import { pythonEqual } from "../python_equal.ts";
import { type Fields, fieldsOf } from "../record.ts";
import { SandboxError } from "../sandbox/sandbox_error.ts";
import { isRejection, pythonError, refusalOf } from "../stored_error.ts";
import { type Runner, StoredProgram } from "../stored_program.ts";
import { type Direction, directionOf } from "./codec_node.ts";

/** Where the examples of a direction are, and what it is called in messages. */
const words = {
  decode: { examples: "in", noun: "decoding", title: "Decoding", agent: "decoder" },
  encode: { examples: "out", noun: "encoding", title: "Encoding", agent: "encoder" },
} as const;

/** Refuses a codec that makes no sense. @throws {RequestError} If it does not */
export async function validateCodec(
  runner: Runner,
  record: Uint8Array,
  keys: readonly ElementKey[],
): Promise<undefined> {
  const value = decode(record);
  if (keys.length === 2) {
    if (value === null) return;
    throw pythonError("value", "ValueError", "This node can't have data.");
  }
  const fields = fieldsOf(value);
  if (fields === undefined) throw pythonError("value", "ValueError", "A codec must be a mapping");
  const path = Path.of(...keys.map(elementOf));
  for (const direction of ["decode", "encode"] as const) await tryOut(runner, path, value, fields, direction);
}

async function tryOut(runner: Runner, path: Path, value: Value, fields: Fields, direction: Direction): Promise<void> {
  const { examples, noun } = words[direction];
  if (!fields.has(direction)) throw missing("AttributeError", direction);
  const program = directionOf(String(path.slice(2)), value, direction);
  if (program === undefined) return;
  if (typeof program === "string") throw pythonError("value", "ValueError", program);
  if (!fields.has(examples)) throw missing("KeyError", examples);
  const pairs = pairsIn(fields.get(examples)!);
  if (pairs.length === 0) throw pythonError("value", "RuntimeError", `Must have tests for ${noun}`);
  const stored = new StoredProgram(runner, program);
  try {
    await compile(stored);
    for (const [source, wanted] of pairs) await tryPair(stored, path, direction, source, wanted);
  } finally {
    stored.release();
  }
}

async function compile(program: StoredProgram): Promise<void> {
  try {
    await program.compile();
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    if (error.kind !== "syntax") throw refusalOf(error, "value", `The ${program.program.name}`);
    throw new Refusal("value", error.text, error.text, { cause: error });
  }
}

async function tryPair(
  program: StoredProgram,
  path: Path,
  direction: Direction,
  source: Value,
  wanted: Value,
): Promise<void> {
  const { title, agent } = words[direction];
  let result: Value;
  try {
    result = decode(await program.convert(encode(source)));
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    const reason = isRejection(error) ? error.text : `${error.kind}: ${error.text}`;
    throw pythonError("value", "ValueError", `failed ${agent} at ${path} on ${repr(source)} with ${reason}`);
  }
  if (pythonEqual(result, wanted)) return;
  throw pythonError(
    "value",
    "ValueError",
    `${title} at ${path}: ${repr(source)} got ${repr(result)}, not ${repr(wanted)}`,
  );
}

function pairsIn(value: Value): readonly [Value, Value][] {
  if (!Array.isArray(value)) return [];
  const pairs: [Value, Value][] = [];
  for (const pair of value) {
    if (!Array.isArray(pair) || pair.length !== 2) throw pythonError("value", "ValueError", `${repr(pair)} is no pair`);
    pairs.push([pair[0], pair[1]]);
  }
  return pairs;
}

function missing(exception: string, name: string): Refusal {
  return new Refusal("value", `The field '${name}' is missing`, `${exception}(${quote(name)})`);
}
