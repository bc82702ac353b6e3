/**
 * The numbers of the extension types that mean something here. All others are opaque.
 *
 * Source: `spec/client-protocol.md` 1.3.
 *
 * @module
 */

/** A timestamp: 4, 8 or 12 bytes. */
export const extTimestamp = -1;
/** An integer above 2^64−1. */
export const extBignum = 2;
/** A path: its elements, concatenated, without a count. */
export const extPath = 3;
/** A path with a mark: the mark's text, then the elements. */
export const extMarkedPath = 6;
