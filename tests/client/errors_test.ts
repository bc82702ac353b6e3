import {
  AclError,
  AuthError,
  ChainError,
  type ErrorCode,
  NotFoundError,
  RequestError,
  TypeCheckError,
} from "../../wire/errors.ts";
import { errorFromReply, parseRepr, remoteErrorOf } from "../../client/errors.ts";
import { assertEquals, assertInstance } from "../support/assert.ts";

/** What the original sent (recorded, or from its documentation) → our class, code and text. */
const originals: [string, abstract new (...args: never[]) => RequestError, ErrorCode, string][] = [
  ["ClientChainError('Entry already exists at ch.a')", ChainError, "chain", "Entry already exists at ch.a"],
  ["ClientError('Data is 6 not 99 at c.x')", ChainError, "chain", "Data is 6 not 99 at c.x"],
  ["KeyError(P('nope'))", NotFoundError, "not_found", "P('nope')"],
  ["KeyError('nope')", NotFoundError, "not_found", "nope"],
  ["KeyError(999)", NotFoundError, "not_found", "999"],
  ["AttributeError('path')", RequestError, "request", "path"],
  ["ClientError(\"ValueError('not an int')\")", TypeCheckError, "type", "ValueError('not an int')"],
  ["ClientError(\"<ValidationError: '-1 is less'>\")", TypeCheckError, "type", "<ValidationError: '-1 is less'>"],
  ["<ValidationError: \"'x' was unexpected\">", TypeCheckError, "type", "'x' was unexpected"],
  ['ValueError("This node can\'t have data.")', RequestError, "value", "This node can't have data."],
  [
    "ClientError(\"Call 'delete_value' if you want to clear the value\")",
    RequestError,
    "request",
    "Call 'delete_value' if you want to clear the value",
  ],
  [
    "ACLError(<AclEntry::n.acl.writeonly.wom.#@<NodeEvent test1:6 (6,)> ='xc'>, 'n')",
    AclError,
    "acl",
    "<AclEntry::n.acl.writeonly.wom.#@<NodeEvent test1:6 (6,)> ='xc'>, 'n'",
  ],
  ["(None, 'r')", AclError, "acl", "(None, 'r')"],
  [
    "AuthFailedError('Password hashes do not match', 'joe')",
    AuthError,
    "auth",
    "'Password hashes do not match', 'joe'",
  ],
  ["FileNotFoundError(2, 'No such file or directory')", RequestError, "file", "2, 'No such file or directory'"],
  ["TypeError(\"'ellipsis' object is not iterable\")", RequestError, "value", "'ellipsis' object is not iterable"],
  ["seq", RequestError, "request", "seq"],
  ["", RequestError, "request", ""],
];

Deno.test("errorFromReply() reads the class from the original's text", () => {
  for (const [text, type, code, message] of originals) {
    const error = errorFromReply("set_value", text);
    assertInstance(error, type);
    assertEquals([error.code, error.message], [code, message]);
    assertEquals(remoteErrorOf(error), { action: "set_value", error: text, etype: undefined });
  }
});

Deno.test("errorFromReply() believes the code, and strips the class name from the text", () => {
  const error = errorFromReply("get_value", "KeyError(P('nope'))", "acl");
  assertInstance(error, AclError);
  assertEquals(error.message, "P('nope')");
  assertEquals(errorFromReply("x", "ServerError('it is full')", "limit").code, "limit");
  assertEquals(errorFromReply("x", "Something new", "of tomorrow").code, "request");
  assertEquals(errorFromReply("x", "toString", "toString").code, "request");
  assertEquals(errorFromReply("x", "toString()").code, "request");
});

Deno.test("parseRepr() undoes the escapes of a Python text", () => {
  assertEquals(parseRepr(`ValueError('it\\'s "so"\\n\\x41\\u20ac\\\\')`).text, `it's "so"\nA€\\`);
  assertEquals(parseRepr("ValueError()"), { className: "ValueError", text: "" });
  assertEquals(parseRepr("P('a')"), { className: "", text: "P('a')" });
});

Deno.test("parseRepr() comes to an end with long hostile texts", () => {
  for (const text of ["E('" + "\\".repeat(1_000_000), "E('" + "\\\\'".repeat(300_000) + "x"]) {
    assertEquals(parseRepr(text), { className: "", text });
  }
  const inner = "'" + "'a".repeat(500_000);
  assertEquals(parseRepr(`E(${inner})`), { className: "E", text: inner });
});
