/**
 * What a server knows of the network before it takes part. Apart from network.ts, which a server without others never loads.
 *
 * @module
 */

/** What a server needs to know of the network before it can decide what to begin with. */
export interface Reach {
  /** Where others would be, for people. */
  readonly where: string;
  /** `none`: there is no network. `own`: this server offers the broker, so nobody else is there. */
  readonly answer: "none" | "own" | "answers" | "silent" | "unknown" | "stuck";
}

/** What is reached without a network. */
export const noNetwork: Reach = { where: "This server looks for no others", answer: "none" };
