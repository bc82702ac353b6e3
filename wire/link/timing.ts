/**
 * How long things take on a line. Source: `spec/satellite.md` 3.2.
 *
 * @module
 */

import { defaultForm, frameBytesAround } from "./frame.ts";
import { windowFrames } from "./header.ts";

/** The clockwork of a link. */
export interface LinkTiming {
  /** One byte on the line; 0 where nothing is known of it. */
  readonly byteMs: number;
  /** A frame that is not acknowledged is sent again after this, then after twice as long, and so on. */
  readonly retransmitMs: number;
  /** The longest of these. */
  readonly retransmitMsMax: number;
  /** An ack may wait so long for a data frame to ride on. */
  readonly ackDelayMs: number;
}

/** What both ends need to think, beside the line's own time. */
const slackMs = 30;

const ackDelayMs = 8;

/**
 * The timing of a line.
 * @param baud Bits per second of a serial line with 10 bits per byte; undefined for TCP and pipes
 * @example `timingOf(115200).retransmitMs` is about 83: a full window (46 ms), the ack's delay, the ack, 30 ms
 */
export function timingOf(baud?: number): LinkTiming {
  const byteMs = baud === undefined ? 0 : 10_000 / baud;
  const windowMs = windowFrames * (defaultForm.dataBytesMax + frameBytesAround - 1) * byteMs;
  const ackMs = 6 * byteMs;
  return { byteMs, retransmitMs: windowMs + ackDelayMs + ackMs + slackMs, retransmitMsMax: 2000, ackDelayMs };
}
