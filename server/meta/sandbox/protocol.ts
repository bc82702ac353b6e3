/**
 * What server and child say to each other: msgpack arrays, one after the other.
 *
 * | message | from | fields |
 * | --- | --- | --- |
 * | settings | server | `0, memoryBytesMax, resultBytesMax, isSpare`; the first one |
 * | compile | server | `1, id, program, lang, code, schema, purpose, name` |
 * | run | server | `2, id, program, value, context (five binaries or nil), or nil` |
 * | drop | server | `3, program` |
 * | ready | child | `0` |
 * | done | child | `id` or `id, result` |
 * | failed | child | `id, kind, exception, text` |
 *
 * On its standard error the child says which program it begins with, whenever that is another than before (`mark.ts`).
 * The server looks at it only after it had to kill the child.
 *
 * @module
 */

/** The first field of what the server says. */
export const opSettings = 0;
/** See {@linkcode opSettings}. */
export const opCompile = 1;
/** See {@linkcode opSettings}. */
export const opRun = 2;
/** See {@linkcode opSettings}. */
export const opDrop = 3;

/** Replies are held back no longer than this while more requests are waiting, so that the server sees progress. */
export const flushMs = 2;

/** The server empties the child's standard error after so many replies: the pipe holds 16 KiB at least. */
export const marksMax = 2048;
