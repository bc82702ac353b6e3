/**
 * Method `root`: there is one user, `*`, and whoever asks is it. It shows that a login is meant, and protects nothing.
 *
 * @module
 */

import { entriesOf, isMap } from "../../wire/message/decoded_map.ts";
import { RequestError } from "../../wire/errors.ts";
import { Refusal } from "../../wire/refusal.ts";
import { noUser } from "./refusals.ts";
import type { Method, Shown, UserRecord } from "./method.ts";

/** See the module. */
export const rootMethod: Method = {
  name: "root",
  verify(record, shown): Promise<undefined> {
    checkData(shown);
    return record === undefined ? Promise.reject(noUser("root", "*")) : Promise.resolve(undefined);
  },
  record(_old, shown): Promise<UserRecord> {
    checkData(shown);
    if (shown.ident !== "*") throw new RequestError("value", "The user of method 'root' is called *");
    return Promise.resolve({});
  },
  publicFields: () => ({}),
};

function checkData(shown: Shown): void {
  const data = shown.field("data") ?? {};
  const [unexpected] = isMap(data) ? [...entriesOf(data)].map(([name]) => name) : ["data"];
  if (unexpected === undefined) return;
  const text = `Additional properties are not allowed ('${unexpected}' was unexpected)`;
  throw new Refusal("request", text, `<ValidationError: "${text}">`);
}
