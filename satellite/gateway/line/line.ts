/**
 * A line to a satellite: bytes both ways, until it ends.
 *
 * | file | line |
 * | --- | --- |
 * | `serial` | a tty, by way of libc |
 * | `tcp` | a connection, made or accepted |
 * | `pipe` | a program's standard input and output |
 * | `duplex` | two ends in one process |
 *
 * @module
 */

/** An open line. */
export interface Line extends AsyncDisposable {
  /** For people: what it is and where, such as `/dev/ttyUSB0` or `tcp:10.0.0.7:4711`. */
  readonly description: string;
  /** Bits per second; undefined where the line is faster than anybody counts. */
  readonly baud: number | undefined;
  /** What comes. Ends when the line does; never throws. */
  readonly received: AsyncIterable<Uint8Array>;
  /** Why it ended; fulfilled then. */
  readonly closed: Promise<string>;
  /** Sends bytes; never waits. `false`: they were dropped, because too many wait already or the line has ended. */
  write(bytes: Uint8Array): boolean;
}

/** Bytes that may wait for a line to take them. A frame has at most 131. */
export const waitingBytesMax = 4096;

/** Opens one line after the other: a tty whenever it is plugged in, connections as they come. */
export interface LineSource {
  /** For people, and in the configuration: what it opens. */
  readonly description: string;
  /** The lines, as they come. Ends when `signal` aborts; what goes wrong meanwhile is reported, and tried again. */
  lines(signal: AbortSignal, report: (text: string) => void): AsyncIterable<Line>;
}
