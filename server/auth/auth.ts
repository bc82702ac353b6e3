/**
 * What the entries below `:n.auth` mean: which method is in use, and who there is.
 *
 * @module
 */

import type { Store } from "../core/store.ts";

/** The users of a server. */
export class Auth {
  constructor(readonly store: Store) {}
}
