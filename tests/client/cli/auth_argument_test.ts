import { authFields, isAsked, parseAuth } from "../../../client/cli/auth_argument.ts";
import { CommandError, UsageError } from "../../../client/cli/errors.ts";
import type { Value } from "../../../wire/value.ts";
import { assertEquals, assertRejects } from "../../support/assert.ts";

const prompts: string[] = [];
const source = {
  secret: (prompt: string) => (prompts.push(prompt), Promise.resolve<string | undefined>("test123")),
  read: (file: string) => Promise.resolve(file === "f" ? "type: password\nname: joe\npassword: abcde\n" : "- 1"),
};

Deno.test("parseAuth() reads a method and its items", async () => {
  assertEquals(await parseAuth("_test name=joe", source), { method: "_test", fields: { name: "joe" } });
  assertEquals(await parseAuth("root", source), { method: "root", fields: {} });
  assertEquals(await parseAuth(" password  name=joe n=12 m=-1 x=1.5 y=a=b z= ", source), {
    method: "password",
    fields: { name: "joe", n: 12, m: -1, x: "1.5", y: "a=b", z: "" },
  });
});

Deno.test("parseAuth() asks for what ends with a question mark", async () => {
  prompts.length = 0;
  const { fields } = await parseAuth("password name=joe password?=Code pin?", source);
  assertEquals([fields, prompts], [{ name: "joe", password: "test123", pin: "test123" }, ["Code: ", "pin? "]]);
  const givesUp = { ...source, secret: () => Promise.resolve(undefined) };
  assertEquals((await assertRejects(() => parseAuth("password p?", givesUp), CommandError)).message, "Aborted!");
});

Deno.test("isAsked() tells logins that ask from those that do not", () => {
  const asking = ["password name=joe password?=Code", "password name? password=x", "password password?"];
  assertEquals(asking.map(isAsked), [true, true, true]);
  const silent: Value[] = ["root", "password name=joe password=a?b", "=f?", { type: "password", password: "a?" }, null];
  assertEquals(silent.map(isAsked), [false, false, false, false, false]);
});

Deno.test("parseAuth() reads a file, and what a configuration file holds", async () => {
  const fields = { name: "joe", password: "abcde" };
  assertEquals(await parseAuth("=f", source), { method: "password", fields });
  assertEquals(await parseAuth({ type: "password", ...fields }, source), { method: "password", fields });
});

const wrong: Value[] = ["", " ", "_test joe", "_test =x", "=g", { name: "joe" }, 5];

for (const value of wrong) {
  Deno.test(`parseAuth() refuses ${JSON.stringify(value)}`, async () => {
    await assertRejects(() => parseAuth(value, source), UsageError);
  });
}

Deno.test("authFields() reads the items of other commands, too", async () => {
  assertEquals(await authFields(["name=joe"], source), { name: "joe" });
});

Deno.test("authFields() keeps what is written differently apart, and repeats no secret", async () => {
  const { a, b, c } = await authFields(["a=007", "b=7", "c=+7"], source);
  assertEquals([a, b, c], ["007", 7, "+7"]);
  const error = await assertRejects(() => authFields(["name=joe", "test123"], source), UsageError);
  assertEquals(error.message, "A login consists of key=value items; number 2 is none.");
});
