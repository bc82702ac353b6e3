/** Rules among servers: written at one, they bind the users of another, also those who are there already. */

import { type Client, openClient, P, Path, testLogin, type Value } from "../../mod.ts";
import { offerBroker } from "../../server/backend/broker.ts";
import { type Server, startServer } from "../../server/mod.ts";
import { assertEquals } from "../support/assert.ts";

/** Two servers on one broker, with joe, who is bound by the ACL `guest`, and root, who is not. */
class House implements AsyncDisposable {
  readonly servers: Server[] = [];
  readonly #stack = new AsyncDisposableStack();

  static async make(rules: Readonly<Record<string, Value>>): Promise<House> {
    const house = new House();
    const broker = house.#stack.use((await offerBroker("127.0.0.1", 0))!);
    const options = {
      data: false,
      listen: [{ port: 0 }],
      web: false,
      broker: { uri: `mqtt://127.0.0.1:${broker.port}` },
    } as const;
    const first = house.#stack.use(await startServer({ name: "a", init: "Testing", ...options }));
    house.servers.push(first);
    await using admin = await openClient({ url: first.addresses[0], dynamicConfig: false });
    await rule(admin, rules);
    await admin.request("auth_set", { typ: "_test", ident: "joe", chain: null, data: {}, acl: "guest" });
    await admin.request("auth_set", { typ: "_test", ident: "root", chain: null, data: {} });
    house.servers.push(house.#stack.use(await startServer({ name: "b", join: true, ...options })));
    await admin.request("set_auth_typ", { typ: "_test" });
    return house;
  }

  async open(server: 0 | 1, name: string): Promise<Client> {
    const url = this.servers[server].addresses[0];
    // The second server hears of the login a moment later than the first one.
    for (;;) {
      try {
        return this.#stack.use(await openClient({ url, auth: testLogin(name), dynamicConfig: false }));
      } catch {
        await new Promise((done) => setTimeout(done, 20));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

async function rule(admin: Client, rules: Readonly<Record<string, Value>>): Promise<void> {
  for (const [pattern, value] of Object.entries(rules)) {
    await admin.request("set_internal", { path: Path.of("acl", "guest").concat(P(pattern)), value });
  }
}

Deno.test("rules: a mirror at another server follows them, and forgets what may not be seen any more", async () => {
  await using house = await House.make({ "home": "rexn", "home.#": "rwcex" });
  const root = await house.open(0, "root");
  const joe = await house.open(1, "joe");
  await root.set(P("home.lamp"), "on");
  await root.set(P("home.safe"), "hush");
  await using mirror = await joe.mirror(P("home"));
  const seen = () => [...mirror].map((entry) => `${entry.key}=${entry.value}`).sort().join(" ");
  await mirror.waitUntil(() => seen() === "lamp=on safe=hush");
  await rule(root, { "home.safe": "" });
  await mirror.waitUntil(() => seen() === "lamp=on");
  await root.set(P("home.safe"), "hush hush");
  await joe.set(P("home.lamp"), "off");
  await mirror.waitUntil(() => seen() === "lamp=off");
  await root.request("delete_internal", { path: P("acl.guest.home.safe") });
  await mirror.waitUntil(() => seen() === "lamp=off safe=hush hush");
});

Deno.test("rules: a token of one server is good at another one as long as the rules are the same", async () => {
  await using house = await House.make({ "home": "rex", "home.+": "rex", "home.#.x": "r" });
  const root = await house.open(0, "root");
  await root.set(P("home.lamp"), "on");
  const joes = [await house.open(0, "joe"), await house.open(1, "joe")];
  const first = async (client: Client, token: Value | undefined) => {
    const states: unknown[] = [];
    for await (const item of client.stream("watch", { path: P("home"), fetch: true, tokens: true, token })) {
      states.push(item.state ?? item.value);
      if (item.state === "uptodate") return { states, token: item.token };
    }
    throw new Error("The watch has ended");
  };
  const { token, states } = await first(joes[0], undefined);
  assertEquals(states.slice(-2), ["on", "uptodate"]);
  assertEquals((await first(joes[1], token)).states.slice(-1), ["uptodate"]);
  assertEquals((await first(joes[1], token)).states.includes("resync"), false);
  await rule(root, { "home.+": "re" });
  assertEquals((await first(joes[0], token)).states.slice(-3), ["resync", "on", "uptodate"]);
});
