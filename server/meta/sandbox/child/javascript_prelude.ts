/**
 * What runs in each program's QuickJS before its code: the classes of values that JavaScript lacks, the marshalling, and
 * then everything is frozen.
 *
 * @module
 */

import { javascriptDump, javascriptLoad } from "./javascript_values.ts";

/** A function of the longest result; it returns one that makes of a program's function what is called from outside. */
export const javascriptPrelude: string = `
(function (resultBytesMax) {
  "use strict";
  const names = ["entry", "data", "match", "conv", "prev"];
  class Float extends Number {
    toJSON() { return Number(this); }
  }
  class Ext {
    constructor(code, data) { this.code = code; this.data = data; }
  }
  class Timestamp {
    constructor(seconds, nanoseconds = 0) { this.seconds = BigInt(seconds); this.nanoseconds = nanoseconds; }
  }
  class Path {
    constructor(elements, mark = "") { this.elements = Array.from(elements); this.mark = mark; }
    get length() { return this.elements.length; }
    [Symbol.iterator]() { return this.elements[Symbol.iterator](); }
    toString() { return this.elements.join("."); }
  }
  function isNumber(x) { return typeof x === "number" || typeof x === "bigint" || x instanceof Float; }
  function isInteger(x) {
    return typeof x === "bigint" || (typeof x === "number" || x instanceof Float) && Number.isInteger(Number(x));
  }

${javascriptLoad}${javascriptDump}
  for (const [name, value] of Object.entries({ Float, Ext, Timestamp, Path, isNumber, isInteger })) {
    Object.defineProperty(globalThis, name, { value, enumerable: false, writable: false, configurable: false });
  }
  for (const name of ["Promise", "WeakRef", "FinalizationRegistry", "SharedArrayBuffer", "Atomics"]) delete globalThis[name];

  const typed = Object.getPrototypeOf(Uint8Array), done = [globalThis, typed, typed.prototype];
  for (const name of Reflect.ownKeys(globalThis)) {
    const value = globalThis[name];
    if (value !== null && (typeof value === "object" || typeof value === "function")) done.push(value, value.prototype);
  }
  // What is inherited from a frozen object cannot be assigned to, unless it is an accessor.
  const often = ["name", "message", "toString", "valueOf", "constructor", "toLocaleString", "hasOwnProperty"];
  for (const object of done) {
    if (typeof object !== "object" || object === globalThis) continue;
    for (const key of often) {
      const { value, writable } = Object.getOwnPropertyDescriptor(object, key) ?? {};
      if (!writable) continue;
      const set = function (own) {
        if (this === object) throw new TypeError(key + " is read-only");
        Object.defineProperty(this, key, { value: own, writable: true, enumerable: true, configurable: true });
      };
      Object.defineProperty(object, key, { get: () => value, set, enumerable: false });
    }
  }
  for (const object of done) Object.freeze(object);

  return function (program) {
    const context = { entry: undefined, data: undefined, match: undefined, conv: undefined, prev: undefined };
    const call = (value) => program(value, context.entry, context.data, context.match, context.conv, context.prev);
    const check = (value) => {
      const result = call(value);
      if (typeof result === "object" && result !== null && typeof result.then === "function") {
        throw new TypeError("a check cannot be asynchronous");
      }
    };
    return {
      check,
      checkIn(buffer) { open(buffer); check(load()); },
      convert: call,
      convertIn(buffer) { open(buffer); return call(load()); },
      dumped,
      isBad: (error) => bad.has(error),
      set(name, buffer) {
        open(buffer);
        const value = load();
        context[name] = name === "entry" ? Object.freeze({ path: value, data: load() }) : value;
      },
      clear() { for (const name of names) context[name] = undefined; },
    };
  };
})
`;
