/**
 * Every limit of the wire, with its unit in its name. A peer that exceeds one gets an error that names it.
 *
 * @module
 */

/** One message from a client or peer, encoded. python-msgpack's own stream limit is 100 MiB. */
export const messageBytesMax: number = 100 * 1024 * 1024;

/** Nested arrays, maps and paths within one message. */
export const depthMax = 100;

/** Elements of one path. */
export const pathElementsMax = 256;

/** One path, encoded. */
export const pathBytesMax: number = 16 * 1024;

/** Links of an incoming chain; more are refused. */
export const chainLinksMax = 64;

/** Links of a chain that are stored, and sent between our servers. */
export const chainLinksStored = 32;

/** Ticks and tocks are integers below this (2^53). */
export const counterMax: number = Number.MAX_SAFE_INTEGER;

/** How far an incoming tock may be ahead of the own clock. */
export const tockAheadMax: number = 2 ** 40;

/** Open streams (watches, tree reads, monitors) of one connection. */
export const streamsMax = 10_000;

/** Fields of one request that no action knows. */
export const requestFieldsMax = 256;

/** Messages of one stream that may be on their way without an acknowledgement, if its request asks for many (`qlen`). */
export const streamWindowMax = 1000;
