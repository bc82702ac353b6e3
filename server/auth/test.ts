/**
 * Method `_test`: whoever knows a user's name is that user. For tests, and for networks in which everybody is trusted and
 * should just not do harm by mistake.
 *
 * @module
 */

import { checkUserName } from "../../wire/login/names.ts";
import type { Method, UserRecord } from "./method.ts";
import { noUser } from "./refusals.ts";

/** See the module. */
export const testMethod: Method = {
  name: "_test",
  verify(record, { ident }): Promise<undefined> {
    return record === undefined ? Promise.reject(noUser("_test", ident)) : Promise.resolve(undefined);
  },
  record(_old, { ident }): Promise<UserRecord> {
    checkUserName(ident);
    return Promise.resolve({});
  },
  publicFields: () => ({}),
};
