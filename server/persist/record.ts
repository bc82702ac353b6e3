/**
 * The records of logs and snapshots. A frame's payload is one or more msgpack arrays; each begins with the kind:
 *
 * | kind | | elements behind it |
 * | --- | --- | --- |
 * | 1 | set | tock, writer, tick, older, path, value |
 * | 2 | deleted | tock, writer, tick, older, path |
 * | 3 | lost | tock, writer, tick, path, value: the loser of a conflict |
 * | 4 | lostDeletion | tock, writer, tick, path |
 * | 5 | superseded | writer, first, last |
 * | 6 | gaveUp | writer, ranges |
 * | 7 | purged | writer, tick, path |
 * | 8 | heard | writer, tick |
 * | 9 | dropped | writer |
 * | 10 | settled | writer, tick: the conflict that this event lost has its record |
 * | 11 | clock | tock |
 * | 12 | writer | name, life id or nil, tick, have, given up, remote missing, top tick, its tock, purged up to |
 * | 14 | believed | writer, ranges: superseded, as a peer said |
 * | 15 | life | writer, life id: learned before a snapshot tells all of a writer |
 * | 13 | end | number of frames before it: the last frame of a snapshot, without which it is not complete |
 *
 * `older` are the links behind the chain's head, flat: `[writer, tick, writer, tick, …]`. `path` is an array of elements,
 * ranges are in wire form. A reader skips elements it does not know at the end of an array, and kinds it does not know;
 * so both can grow. Effects that belong together (the loser of a conflict and the winner) share a frame.
 *
 * @module
 */

/** The first element of a record. */
export const Kind = {
  set: 1,
  deleted: 2,
  lost: 3,
  lostDeletion: 4,
  superseded: 5,
  gaveUp: 6,
  purged: 7,
  heard: 8,
  dropped: 9,
  settled: 10,
  clock: 11,
  writer: 12,
  end: 13,
  believed: 14,
  life: 15,
} as const;
