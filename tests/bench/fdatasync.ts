/** The dependency-free anchor of durable writes: a bare loop of one 200-byte write and one fdatasync. Prints writes/s. */
const path = await Deno.makeTempFile({ prefix: "moat-kv-bench-" });
const file = await Deno.open(path, { write: true, append: true });
const record = new Uint8Array(200).fill(120);
const count = Number(Deno.args[0] ?? 2000);
const started = performance.now();
for (let i = 0; i < count; i++) {
  file.writeSync(record);
  file.syncDataSync();
}
console.log(Math.round(count / (performance.now() - started) * 1000));
file.close();
await Deno.remove(path);
