/** What the benchmark prints and writes: one result a row, with its goal and whether it was met. */

/** One measured row. */
export interface Result {
  readonly name: string;
  readonly ours: number;
  readonly theirs?: number;
  readonly theirName?: string;
  readonly unit: string;
  /** Least or most wanted: of the ratio ours/theirs, or of our own figure. */
  readonly goal?: readonly [">=" | "<=", number, "ratio" | "absolute"];
  /** Smallest and largest ratio of the rounds. */
  readonly spread?: readonly [number, number];
  /** The median of the rounds' ratios, where rounds were paired. */
  readonly ratio?: number;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** The ratios of rounds that were paired: their median, the least and the greatest. */
export function ratios(ours: readonly number[], theirs: readonly number[]): Pick<Result, "ratio" | "spread"> {
  const each = ours.map((figure, round) => figure / theirs[round]);
  return { ratio: median(each), spread: [Math.min(...each), Math.max(...each)] };
}

/** Ours to theirs. */
export function ratioOf(result: Result): number | undefined {
  return result.ratio ?? (result.theirs === undefined ? undefined : result.ours / result.theirs);
}

/** Whether the goal is met; undefined if there is none, or its peer is missing. */
export function isMet(result: Result): boolean | undefined {
  if (!result.goal) return undefined;
  const [direction, wanted, of] = result.goal;
  const figure = of === "ratio" ? ratioOf(result) : result.ours;
  if (figure === undefined) return undefined;
  return direction === ">=" ? figure >= wanted : figure <= wanted;
}

function figure(value: number | undefined): string {
  if (value === undefined) return "–";
  if (value >= 1000) return Math.round(value).toLocaleString("en");
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}

/** The results as a table for a terminal. */
export function table(results: readonly Result[]): string {
  const lines = [["", "ours", "peer", "", "ratio", "(rounds)", "goal", ""]];
  for (const result of results) {
    const met = isMet(result);
    lines.push([
      result.name,
      `${figure(result.ours)} ${result.unit}`,
      figure(result.theirs),
      result.theirName ?? "",
      figure(ratioOf(result)),
      result.spread ? `${figure(result.spread[0])}..${figure(result.spread[1])}` : "",
      result.goal ? `${result.goal[0]} ${figure(result.goal[1])}${result.goal[2] === "ratio" ? " ×" : ""}` : "",
      met === undefined ? "" : met ? "met" : "NOT MET",
    ]);
  }
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd()).join("\n");
}
