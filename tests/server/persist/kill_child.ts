/** Writes as fast as it can, and says so after each write is acknowledged: `HEAD VALUE`. Is killed by its test. */
import { Persistence } from "../../../server/persist/persistence.ts";
import { surroundingsOf } from "../../../server/surroundings.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";

const [directory, from] = Deno.args;
const surroundings = surroundingsOf(directory);
const persistence = await Persistence.open({
  ...surroundings,
  node: "n",
  holder: `process ${Deno.pid}`,
  logBytesMin: 20_000,
});
const { store } = persistence;
const text = new TextEncoder();
for (let value = Number(from);; value++) {
  const bytes = encode(value);
  const change = store.write(store.ensure([`e${value % 50}`], 1), bytes, 0, bytes.length);
  persistence.append(store.effects);
  persistence.commit("memory");
  store.commit();
  Deno.stdout.writeSync(text.encode(`${change.writer.name}:${change.tick} ${value}\n`));
  if (value % 10 === 0) await surroundings.clock.pause();
}
