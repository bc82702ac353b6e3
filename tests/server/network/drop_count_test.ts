import { KeptDropCount } from "../../../server/network/drop_count.ts";
import { assertEquals } from "../../support/assert.ts";

Deno.test("KeptDropCount outlasts the process, and nonsense in its file", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const count = new KeptDropCount(directory);
    assertEquals(count.value, 0);
    count.add(3);
    count.add(2);
    assertEquals([count.value, new KeptDropCount(directory).value], [5, 5]);
    for (const text of ["", "many", "-1", "1.5"]) {
      await Deno.writeTextFile(`${directory}/dropped-conflicts`, text);
      assertEquals(new KeptDropCount(directory).value, 0, text);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("KeptDropCount counts where nothing can be kept", () => {
  for (const directory of [undefined, "/nowhere/at/all"]) {
    const count = new KeptDropCount(directory);
    count.add(1);
    assertEquals([count.value, new KeptDropCount(directory).value], [1, 0]);
  }
});
