/**
 * The files of the device library, wherever this program was installed from.
 *
 * @module
 */

/** What lies in `satellite/device`. */
export const deviceFileNames: readonly string[] = [
  "main.py",
  "sat/__init__.py",
  "sat/auth.py",
  "sat/clock.py",
  "sat/config.py",
  "sat/core.py",
  "sat/declare.py",
  "sat/frame.py",
  "sat/io_cdc.py",
  "sat/io_tcp.py",
  "sat/io_uart.py",
  "sat/link.py",
  "sat/mpk.py",
  "sat/once.py",
  "sat/opening.py",
  "sat/ops.py",
  "sat/ota.py",
  "sat/rescue.py",
  "sat/ring.py",
  "sat/safe.py",
  "sat/slot.py",
];

/** Reads them: name to contents. @throws {Error} If one is not where the program is */
export async function deviceFiles(): Promise<Map<string, Uint8Array>> {
  const folder = new URL("../device/", import.meta.url);
  const read = async (name: string): Promise<[string, Uint8Array]> => {
    const response = await fetch(new URL(name, folder));
    if (!response.ok) throw new Error(`Cannot read the device library's ${name}: ${response.status}`);
    return [name, new Uint8Array(await response.arrayBuffer())];
  };
  return new Map(await Promise.all(deviceFileNames.map(read)));
}
