/**
 * What a simulated satellite's worker and whoever started it say to each other.
 *
 * @module
 */

/** To the worker. */
export type ToSatellite =
  | {
    readonly kind: "start";
    /** The file system: absolute paths to contents. */
    readonly files: ReadonlyMap<string, Uint8Array>;
    /** Python that runs at the prompt; may `await`. `line()` makes the line of a satellite. */
    readonly main: string;
    /** Added to the clock. */
    readonly clockOffsetMs: number;
    /** Bits per second that the satellite believes its line to have; 0: unknown. */
    readonly baud: number;
  }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** Jumps the clock. */
  | { readonly kind: "clock"; readonly offsetMs: number }
  /** Runs more Python: statements, or an expression whose repr is told. */
  | { readonly kind: "run"; readonly id: number; readonly code: string }
  /** Wants the file system. */
  | { readonly kind: "files"; readonly id: number };

/** From the worker. */
export type FromSatellite =
  | { readonly kind: "ready" }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "ended"; readonly error: string | undefined }
  /** The program asked for a reset. */
  | { readonly kind: "reset" }
  | { readonly kind: "result"; readonly id: number; readonly text: string; readonly error: string | undefined }
  | { readonly kind: "files"; readonly id: number; readonly files: ReadonlyMap<string, Uint8Array> };
