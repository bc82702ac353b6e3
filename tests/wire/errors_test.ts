import {
  AclError,
  AuthError,
  ChainError,
  ConnectionError,
  KvError,
  NotFoundError,
  ProtocolError,
  RequestError,
  TypeCheckError,
} from "../../wire/errors.ts";
import { assertEquals, assertFalse, assertInstance, assertSame, assertTrue } from "../support/assert.ts";

Deno.test("errors that a caller can mend are RequestErrors, each with the code that travels", () => {
  const errors: [RequestError, string, string][] = [
    [new RequestError("limit", "Too many streams"), "RequestError", "limit"],
    [new ChainError("Entry already exists at a.b"), "ChainError", "chain"],
    [new NotFoundError("No entry at a.b"), "NotFoundError", "not_found"],
    [new AclError("Rule a.# lacks w"), "AclError", "acl"],
    [new TypeCheckError("Not a number"), "TypeCheckError", "type"],
    [new AuthError("Wrong password"), "AuthError", "auth"],
    [new AuthError("Log in first", "auth_required"), "AuthError", "auth_required"],
    [new AuthError("Use password", "auth_method"), "AuthError", "auth_method"],
  ];
  for (const [error, name, code] of errors) {
    assertInstance(error, KvError);
    assertInstance(error, Error);
    assertEquals([error.name, error.code], [name, code]);
  }
});

Deno.test("errors of protocol and connection are no RequestErrors", () => {
  for (const error of [new ProtocolError("Truncated", 7), new ConnectionError("Connection refused")]) {
    assertInstance(error, KvError);
    assertFalse(error instanceof RequestError);
  }
  assertEquals(new ConnectionError("Gone").name, "ConnectionError");
});

Deno.test("ProtocolError says where, in its text and as a number", () => {
  const error = new ProtocolError("Text is not UTF-8", 12);
  assertEquals([error.name, error.message, error.offset], ["ProtocolError", "Text is not UTF-8 at byte 12", 12]);
});

Deno.test("errors keep their text and their cause", () => {
  const cause = new Error("disk full");
  const made: KvError[] = [
    new KvError("Cannot", { cause }),
    new RequestError("read_only", "Cannot", { cause }),
    new ChainError("Cannot", { cause }),
    new NotFoundError("Cannot", { cause }),
    new AclError("Cannot", { cause }),
    new TypeCheckError("Cannot", { cause }),
    new AuthError("Cannot", "auth", { cause }),
    new ConnectionError("Cannot", { cause }),
  ];
  for (const error of made) {
    assertSame(error.cause, cause);
    assertEquals(String(error), `${error.name}: Cannot`);
    assertTrue(error.stack?.includes("errors_test.ts"));
  }
});
