import { runScript, scripts } from "./scripts.ts";

for (const name of Object.keys(scripts)) {
  Deno.test(`Written run: ${name}`, async () => {
    const { violation } = await runScript(name);
    if (violation !== undefined) {
      throw new Error(`${violation.message}\nRepeat it: deno task sim --script "${name}" --trace`, {
        cause: violation,
      });
    }
  });
}
