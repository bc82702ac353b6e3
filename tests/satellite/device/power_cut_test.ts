/** An update of a satellite's files, cut short by a loss of power at every step: the old files or the new ones, never a mix. */

import { SimulatedSatellite } from "../../../satellite/sim/simulated.ts";
import { assertEquals, assertTrue } from "../../support/assert.ts";

/**
 * Counts everything that changes the file system, and stops the program at the step that is given: what comes after it does
 * not happen. `boot()` is what main.py does.
 */
const bench = `
import sys, os
sys.path.insert(0, "/lib")
from sat import safe

class Cut(BaseException):
    pass

left = [0]
def step():
    left[0] -= 1
    if left[0] < 0:
        raise Cut

class Os:
    def rename(self, a, b):
        step()
        os.rename(a, b)
    def remove(self, a):
        os.stat(a)
        step()
        os.remove(a)
    stat = staticmethod(os.stat)
safe.os = Os()
def open_(path, mode="r"):
    if mode != "r":
        step()
    return open(path, mode)
safe.open = open_

def put(path, text):
    with open(path, "w") as f:
        f.write(text)

def clean():
    for n in os.listdir("."):
        if n.split(".")[0] in ("app", "more", "ota", "boot"):
            os.remove(n)

def prepare():
    clean()
    put("app.py", "old")
    put("app.py.new", "new")
    put("more.py.new", "new")
    put("ota.txn", "new 00ff\\napp.py\\n+more.py\\n")

def files():
    def text(n):
        try:
            with open(n) as f:
                return f.read()
        except OSError:
            return None
    return text("app.py"), text("more.py")

def boot(steps=1000):
    left[0] = steps
    try:
        safe.journal()
        return True
    except Cut:
        return False
`;

async function withBench(body: (satellite: SimulatedSatellite) => Promise<void>): Promise<void> {
  const ended = Promise.withResolvers<string | undefined>();
  await using satellite = await SimulatedSatellite.start("bench", { main: bench, onEnd: ended.resolve });
  assertEquals(await ended.promise, undefined);
  await body(satellite);
}

Deno.test("an update cut short at any step ends with the new files once the board boots again", () =>
  withBench(async (satellite) => {
    let steps = 0;
    for (let isWhole = "False"; isWhole === "False"; steps++) {
      await satellite.run("prepare()");
      isWhole = await satellite.run(`boot(${steps})`);
      if (isWhole === "False") await satellite.run("boot()");
      assertEquals(await satellite.run("files()"), "('new', 'new')", `cut at step ${steps}`);
      assertEquals(await satellite.run("safe.state()"), "('trial', '00ff')", `cut at step ${steps}`);
    }
    assertTrue(steps > 5, `${steps} steps`);
  }));

Deno.test("a trial that nobody says went well is taken back, whatever step is cut short", () =>
  withBench(async (satellite) => {
    let steps = 0;
    for (let isWhole = "False"; isWhole === "False"; steps++) {
      await satellite.run("prepare()");
      await satellite.run("boot()");
      isWhole = await satellite.run(`boot(${steps})`);
      for (let i = 0; i < 2; i++) await satellite.run("boot()");
      assertEquals(await satellite.run("files()"), "('old', None)", `cut at step ${steps}`);
      assertEquals(await satellite.run("safe.state()"), "('back', '00ff')", `cut at step ${steps}`);
    }
    assertTrue(steps > 5, `${steps} steps`);
  }));

Deno.test("a trial that went well stays, whatever step of the tidying is cut short", () =>
  withBench(async (satellite) => {
    for (let steps = 0; steps < 8; steps++) {
      await satellite.run("prepare()");
      await satellite.run("boot()");
      await satellite.run(`left[0] = ${steps}\ntry:\n    safe.well()\nexcept Cut:\n    pass`);
      const isOver = await satellite.run("safe.state()[0] == ''");
      await satellite.run("boot()");
      // A cut before the journal was gone leaves the trial untold, and that is taken back.
      assertEquals(
        await satellite.run("files()"),
        isOver === "True" ? "('new', 'new')" : "('old', None)",
        `cut at step ${steps}`,
      );
    }
  }));

Deno.test("three boots that nobody says went well make the next one a rescue, and one that went well ends it", () =>
  withBench(async (satellite) => {
    await satellite.run("clean()\nleft[0] = 1000");
    for (const wanted of ["False", "False", "False", "True"]) assertEquals(await satellite.run("safe.boots()"), wanted);
    await satellite.run("safe.well()");
    assertEquals(await satellite.run("safe.boots()"), "False");
    await satellite.run("safe.force()");
    assertEquals(await satellite.run("safe.boots()"), "True");
  }));
