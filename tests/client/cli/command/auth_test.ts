/** What the verbs of `auth` ask for, in the tutorial's spelling and in that of 2024, and what they print. */

import type { Fields, Reply } from "../../../../client/cli/context.ts";
import { passwordHash, secretHash } from "../../../../wire/login/credentials.ts";
import { NotFoundError } from "../../../../wire/errors.ts";
import { parseToken } from "../../../../wire/login/names.ts";
import { Path } from "../../../../wire/path/path.ts";
import { assertEquals, assertIncludes } from "../../../support/assert.ts";
import { type MainRun, runMain } from "../../../support/main_run.ts";

const chain = { node: "a", tick: 3, prev: null };

/** A server with method `password` in use, the user joe, and the ACL guests. */
function answer(action: string, fields: Fields): Reply {
  const path = fields.path instanceof Path ? String(fields.path) : "";
  if (action === "get_internal") return path === "auth" ? { value: { current: "password" } } : { chain: null };
  if (action === "enum_internal") return { result: path === "auth" ? ["password", "token"] : [] };
  if (action === "auth_get") return { name: String(fields.ident), chain };
  return { changed: true, chain, tock: 5 };
}

async function* users(_action: string, { typ }: Fields): AsyncIterable<Reply> {
  for (const ident of ["joe", "ann"]) yield { typ: String(typ), kind: "user", ident, seq: 1, tock: 2 };
}

const run = (words: string[], more: Partial<MainRun> = {}) =>
  runMain(words, { request: answer, stream: users, ...more });

/** The requests that change something, and what was printed. */
async function changes(...words: string[]): Promise<[string, unknown[]]> {
  const { status, stdout, stderr, sent } = await run(["auth", ...words], { secret: "test123" });
  if (status !== 0) throw new Error(stderr);
  return [stdout, sent.filter(([action]) => /_set|set_|delete_/.test(action))];
}

const joePath = (...more: string[]) => Path.of("auth", "password", "user", "joe", ...more);

Deno.test("auth init: switches, refuses without -s, and turns off", async () => {
  assertEquals(await changes("init", "-s"), ["Authorization switched to password\n", [["set_auth_typ", {
    typ: "password",
  }]]]);
  assertEquals(await changes("-m", "-", "init"), ["Authorization turned off.\n", [["set_auth_typ", { typ: null }]]]);
  const again = await run(["auth", "-m", "_test", "init"]);
  assertEquals(again.status, 2);
  assertIncludes(again.stderr, "Error: Authentication is already set up");
});

Deno.test("auth: without -m it is the method in use, else the only one, else an error", async () => {
  const methods = (...names: string[]): Partial<MainRun> => ({
    request: (action): Reply =>
      action === "enum_internal" ? { result: names } : action === "get_internal" ? {} : { changed: true },
  });
  assertEquals((await run(["auth", "init"], methods("root", "token"))).stdout, "Authorization switched to root\n");
  const unclear = await run(["auth", "user", "list"], methods("root", "_test"));
  assertEquals(unclear.status, 2);
  assertIncludes(unclear.stderr, "Error: You need to set the auth method");
  assertEquals((await run(["auth", "list"], methods("root", "_test"))).stdout, "root\n_test\n");
});

Deno.test("auth user add: the password is asked for and sealed; a number is no number", async () => {
  const password = (text: string) => [["auth_set", {
    typ: "password",
    kind: "user",
    ident: "joe",
    chain: null,
    password: passwordHash(text),
  }]];
  assertEquals(await changes("user", "add", "name=joe", "password?=Code"), ["joe\n", password("test123")]);
  assertEquals(await changes("user", "add", "name=joe", "password=12345"), ["joe\n", password("12345")]);
  const bound = await changes("user", "add", "name=joe", "password=12345", "acl=guests", "conv=fmt");
  assertEquals(bound[1], [["auth_set", { ...password("12345")[0][1] as object, acl: "guests", conv: "fmt" }]]);
  const other = await changes("-m", "_test", "user", "add", "name=joe");
  assertEquals(other[1], [["auth_set", { typ: "_test", kind: "user", ident: "joe", chain: null, data: {} }]]);
  assertEquals((await changes("-m", "root", "user", "add"))[0], "*\n");
  for (const items of [["name=1x", "password=12345"], ["name=joe", "password=1234"], ["password=12345"], ["joe"]]) {
    const wrong = await run(["auth", "user", "add", ...items]);
    assertEquals([wrong.status === 0, wrong.sent.some(([action]) => action === "auth_set")], [false, false], items[0]);
  }
});

Deno.test("auth user mod, modify: a new password, or a binding in the old way", async () => {
  const fields = { typ: "password", kind: "user", ident: "joe", chain, password: passwordHash("test456") };
  for (const words of [["mod", "joe"], ["modify", "name=joe"]]) {
    assertEquals(await changes("user", ...words, "password=test456"), ["joe\n", [["auth_set", fields]]]);
  }
  const [, bound] = await changes("user", "modify", "--aux", "codec=fmt", "name=joe");
  assertEquals(bound, [["set_internal", { path: joePath("conv"), value: { key: "fmt" }, chain: null }]]);
});

Deno.test("auth user param, user set param: bind and unbind", async () => {
  const written = [["set_internal", { path: joePath("acl"), value: { key: "guests" }, chain: null }]];
  for (const words of [["param"], ["set", "param"]]) {
    assertEquals(await changes("user", ...words, "joe", "acl", "guests"), ["joe acl guests\n", written]);
  }
  assertEquals((await changes("user", "param", "-n", "joe", "conv", "fmt", "x=1"))[1], [
    ["set_internal", { path: joePath("conv"), value: { x: 1, key: "fmt" } }],
  ]);
  assertEquals((await changes("user", "param", "-n", "joe", "acl", "-"))[1], [["delete_internal", {
    path: joePath("acl"),
  }]]);
  assertEquals((await run(["auth", "user", "param", "joe", "colour", "red"])).status, 2);
});

Deno.test("auth: who is bound by an ACL that is not there is told of, with each command that binds", async () => {
  const without = (action: string, fields: Fields): Reply => {
    const isAcl = action === "enum_internal" && String(fields.path).startsWith("acl");
    if (isAcl) throw new NotFoundError("There is no entry");
    return answer(action, fields);
  };
  const says = async (...words: string[]) =>
    (await run(["auth", ...words], { request: without, secret: "test123" })).stderr;
  const note = "There is no ACL 'gone' yet. Until there is, joe may do nothing.\n";
  assertIncludes(await says("user", "add", "name=joe", "password?=Code", "acl=gone"), note);
  assertIncludes(await says("user", "param", "joe", "acl", "gone"), note);
  assertIncludes(await says("token", "add", "joe", "--acl", "gone"), note);
  assertEquals(await says("user", "param", "joe", "acl", "*"), "");
});

Deno.test("auth user list, get, delete", async () => {
  assertEquals((await run(["auth", "user", "list"])).stdout, "joe\nann\n");
  assertIncludes((await run(["auth", "user", "list", "-v"])).stdout, "ident: joe\nkind: user\ntyp: password\n");
  assertIncludes((await run(["auth", "user", "get", "joe"])).stdout, "name: joe");
  assertEquals(await changes("user", "delete", "joe"), ["joe\n", [["delete_internal", { path: joePath(), chain }]]]);
});

Deno.test("auth user auth: tries a login", async () => {
  const { stdout, sent } = await run(["auth", "user", "auth", "-a", "password name=joe password=test123"]);
  assertEquals(stdout, "OK.\n");
  assertEquals(sent, [["auth", { typ: "password", ident: "joe", password: passwordHash("test123") }]]);
});

Deno.test("auth token: the secret stays here, its hash goes; list, revoke", async () => {
  const now = Date.UTC(2027, 0, 1);
  const { stdout, stderr, sent } = await run(
    ["auth", "token", "add", "hall", "--acl", "guests", "--for", "30d", "--note", "in the hall"],
    { now },
  );
  const { name, secret } = parseToken(stdout.trim());
  assertEquals([name, stderr], ["hall", "Keep it: it is shown this once.\n"]);
  assertEquals(sent, [["auth_set", {
    typ: "token",
    kind: "user",
    ident: "hall",
    chain: null,
    hash: secretHash(secret),
    until: now / 1000 + 30 * 86400,
    acl: "guests",
    note: "in the hall",
  }], ["enum_internal", { path: Path.of("acl", "guests") }]]);
  assertEquals((await run(["auth", "token", "add", "hall", "--for", "soon"])).status, 2);
  assertEquals((await run(["auth", "token", "add", "1x"])).sent, []);
  assertEquals((await run(["auth", "token", "list"])).stdout, "joe\nann\n");
  assertEquals((await changes("token", "revoke", "hall"))[1], [
    ["delete_internal", { path: Path.of("auth", "token", "user", "hall"), chain }],
  ]);
});

Deno.test("auth compatible: prints, sets", async () => {
  assertEquals(await changes("compatible"), ["off\n", []]);
  assertEquals((await changes("compatible", "on"))[1], [["set_auth_typ", { compatible: true }]]);
  assertEquals((await changes("compatible", "off"))[1], [["set_auth_typ", { compatible: false }]]);
});
