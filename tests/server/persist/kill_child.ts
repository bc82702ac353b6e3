/** Writes as fast as it can, and says so after each write is acknowledged: `HEAD VALUE`. Is killed by its test. */
import { DenoDisk, readBootId, systemClock } from "../../../server/persist/disk.ts";
import { Persistence } from "../../../server/persist/persistence.ts";
import { encode } from "../../../wire/msgpack/encoder.ts";

const [directory, from] = Deno.args;
const persistence = await Persistence.open({
  disk: DenoDisk.make(directory),
  clock: systemClock,
  randomBytes: (n) => crypto.getRandomValues(new Uint8Array(n)),
  bootId: readBootId(),
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
  if (value % 10 === 0) await systemClock.pause();
}
