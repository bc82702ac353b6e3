/**
 * How the values of a group's users differ from what is stored: `:n.conv.GROUP.PATTERN` names a codec, `:n.codec.NAME`.
 *
 * Source: `spec/client-protocol.md` 6.3, 6.4.
 *
 * @module
 */

/** What becomes of the values of a group's users. */
export interface Conversion {
  /** The group's name. */
  readonly group: string;
}
