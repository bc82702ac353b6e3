/**
 * The door to Aedes, which costs 40 ms to load: only ever opened with `import()`.
 *
 * @module
 */

// @ts-types="./aedes.d.ts"
export { Aedes } from "aedes";
