/**
 * What values may be: `:n.match.PATTERN` names a type, `:n.type.NAME` says what its values have to be.
 *
 * Source: `spec/client-protocol.md` 6.1, 6.2.
 *
 * @module
 */

import type { Store } from "../../core/store.ts";
import type { MetaOptions } from "../meta.ts";

/** The types and their matches. */
export class TypeChecks {
  constructor(readonly store: Store, readonly options: MetaOptions) {}
}
