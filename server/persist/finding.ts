/**
 * What was not as it should be when a state was read, to be told to the person who runs the node.
 *
 * @module
 */

/**
 * | what | bytes from … to |
 * | --- | --- |
 * | `torn` | the end of a record is missing: the process died while it wrote it, so nobody was told that it is safe |
 * | `damaged` | nothing that is intact begins there; everything before and behind it was read |
 * | `header` | the first bytes of a file are damaged; its records were read all the same |
 * | `missing` | a whole file is not there |
 * | `incomplete` | a snapshot ends too early |
 * | `refused` | an intact record says what cannot be |
 */
export type FindingKind = "torn" | "damaged" | "header" | "missing" | "incomplete" | "refused";

/** One finding. */
export interface Finding {
  readonly kind: FindingKind;
  readonly file: string;
  readonly from: number;
  readonly to: number;
  /** Whether something is lost by it that was once acknowledged. */
  readonly isLoss: boolean;
}

const texts: Record<FindingKind, (range: string) => string> = {
  torn: (range) => `the last record was not written to its end; cut off ${range}`,
  damaged: (range) => `dropped ${range}, which are damaged`,
  header: (range) => `${range} (the header) are damaged`,
  missing: () => "the file is missing",
  incomplete: () => "the file is not complete",
  refused: (range) => `dropped ${range}, a record that cannot be`,
};

/** `log-00000003: dropped bytes 812 to 901, which are damaged; recovered from older files`. */
export function findingText({ kind, file, from, to, isLoss }: Finding): string {
  const text = texts[kind](`bytes ${from} to ${to - 1}`);
  const isHarmless = isLoss || kind === "torn" || kind === "header";
  return `${file}: ${text}${isHarmless ? "" : "; nothing is lost by it"}`;
}
