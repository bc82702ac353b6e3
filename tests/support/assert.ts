/**
 * The assertions of the tests: node's own, under the names every Deno reader knows.
 *
 * @module
 */

import assert from "node:assert/strict";
import { inspect } from "node:util";

/** Fails unless `condition` is truthy. */
export function assertTrue(condition: unknown, message?: string): asserts condition {
  assert.ok(condition, message);
}

/** Fails unless `actual` is falsy. */
export function assertFalse(actual: unknown, message?: string): void {
  assert.ok(!actual, message);
}

/** Fails unless both are deeply and strictly equal (`1` ≠ `new Float(1)`, `-0` ≠ `0`, `NaN` = `NaN`). */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  assert.deepStrictEqual(actual, expected, message);
}

/** Fails if both are deeply and strictly equal. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  assert.notDeepStrictEqual(actual, expected, message);
}

/** Fails unless both are the same object, or the same primitive. */
export function assertSame(actual: unknown, expected: unknown, message?: string): void {
  if (!Object.is(actual, expected)) assert.fail(message ?? `Not the same: ${inspect(actual)} and ${inspect(expected)}`);
}

/** Fails unless `text` contains `part`, or matches it. */
export function assertIncludes(text: string, part: string | RegExp, message?: string): void {
  const found = typeof part === "string" ? text.includes(part) : part.test(text);
  assert.ok(found, message ?? `${JSON.stringify(text)} lacks ${part}`);
}

/** Fails unless `value` is an instance of `type`. */
export function assertInstance<T>(
  value: unknown,
  type: abstract new (...args: never[]) => T,
  message?: string,
): asserts value is T {
  if (!(value instanceof type)) assert.fail(message ?? `Not a ${type.name}: ${inspect(value)}`);
}

type ErrorType<E extends Error> = abstract new (...args: never[]) => E;

/** Runs `body`, which must throw an error of `type` whose message contains or matches `text`. Returns the error. */
export function assertThrows<E extends Error = Error>(
  body: () => unknown,
  type?: ErrorType<E>,
  text?: string | RegExp,
): E {
  let value: unknown;
  try {
    value = body();
  } catch (error) {
    return checkError(error, type, text);
  }
  assert.fail(`Nothing was thrown, but ${inspect(value)} returned`);
}

/** Awaits `body`, which must reject with an error of `type` whose message contains or matches `text`. Returns the error. */
export async function assertRejects<E extends Error = Error>(
  body: () => PromiseLike<unknown>,
  type?: ErrorType<E>,
  text?: string | RegExp,
): Promise<E> {
  let value: unknown;
  try {
    value = await body();
  } catch (error) {
    return checkError(error, type, text);
  }
  assert.fail(`Nothing was thrown, but ${inspect(value)} returned`);
}

/** Fails with `message`. */
export function fail(message: string): never {
  assert.fail(message);
}

function checkError<E extends Error>(error: unknown, type?: ErrorType<E>, text?: string | RegExp): E {
  if (type !== undefined && !(error instanceof type)) {
    throw new assert.AssertionError({ message: `Expected ${type.name}, got ${inspect(error)}`, actual: error });
  }
  if (text !== undefined) assertIncludes((error as Error).message, text);
  return error as E;
}
