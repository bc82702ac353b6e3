/**
 * All written runs, by name.
 *
 * @module
 */

import { Violation } from "./failure.ts";
import { clientScripts } from "./scripts_clients.ts";
import { deletionScripts } from "./scripts_deletion.ts";
import { identityScripts } from "./scripts_identity.ts";
import { mergeScripts } from "./scripts_merge.ts";
import { namesakeScripts } from "./scripts_namesake.ts";
import { fileScripts } from "./scripts_files.ts";
import { mixedScripts } from "./scripts_mixed.ts";
import { repairScripts } from "./scripts_repair.ts";
import { Script, type ScriptBody } from "./script.ts";

/** See the module. */
export const scripts: { readonly [name: string]: ScriptBody } = {
  ...repairScripts,
  ...deletionScripts,
  ...identityScripts,
  ...mergeScripts,
  ...clientScripts,
  ...mixedScripts,
  ...fileScripts,
  ...namesakeScripts,
};

/** Runs one; returns it, and which law was broken. */
export async function runScript(
  name: string,
  isTraced: boolean = false,
): Promise<{ script: Script; violation?: Violation }> {
  const script = new Script(isTraced, name in mixedScripts);
  try {
    await scripts[name](script);
    return { script };
  } catch (error) {
    if (error instanceof Violation) return { script, violation: error };
    throw error;
  }
}
