/**
 * JSON schemas, checked by ajv. `$schema` chooses the draft; the newest is the default.
 *
 * @module
 */

import type { Ajv, ErrorObject, ValidateFunction } from "ajv";
import { decode } from "../../../../wire/mod.ts";
import { pythonRepr } from "../python_repr.ts";
import { type Failure, failure, shorten } from "./failure.ts";
import { jsonOf } from "./json_value.ts";
import type { Runner } from "./runner.ts";

/** One instance for each draft. No schema stays in it: two programs may use the same `$id`. */
const instances = new Map<string, Ajv>();

const options = { strict: false, addUsedSchema: false, validateFormats: false, logger: false, messages: true } as const;

/** Loads ajv; takes some 100 ms with the first schema of the newest draft. */
export async function loadSchemas(): Promise<void> {
  const [draft2020, draft2019, draft7, draft6] = await Promise.all([
    import("ajv/dist/2020.js"),
    import("ajv/dist/2019.js"),
    import("ajv"),
    import("ajv/dist/refs/json-schema-draft-06.json", { with: { type: "json" } }),
  ]);
  const older = new draft7.Ajv(options);
  older.addMetaSchema(draft6.default);
  instances.set("2020-12", new draft2020.Ajv2020(options));
  instances.set("2019-09", new draft2019.Ajv2019(options));
  instances.set("draft-07", older).set("draft-06", older);
  instances.get("2020-12")!.compile({ type: "object", properties: { a: { type: "integer" } } });
}

/** A compiled schema. */
export class SchemaRunner implements Runner {
  readonly #validate: ValidateFunction;

  /**
   * Compiles it.
   * @param schema The schema, as msgpack
   * @throws {Failure} If it is none
   */
  constructor(schema: Uint8Array) {
    const json = jsonOf(decode(schema));
    if (typeof json !== "boolean" && (typeof json !== "object" || json === null || Array.isArray(json))) {
      throw failure("syntax", "SchemaError", "a schema is a map or a boolean");
    }
    this.#validate = compiled(json as boolean | { readonly [key: string]: unknown });
  }

  run(value: Uint8Array): undefined {
    const json = jsonOf(decode(value));
    let isGood: unknown;
    try {
      isGood = this.#validate(json);
    } catch (error) {
      throw failure("rejected", "RecursionError", (error as Error).message);
    }
    if (isGood !== true) throw rejection(this.#validate.errors?.[0], json);
  }

  close(): void {}
}

function compiled(schema: boolean | { readonly [key: string]: unknown }): ValidateFunction {
  const ajv = instanceFor(schema);
  try {
    const validate = ajv.compile(schema as boolean);
    if ("$async" in validate) throw new Error("$async is not supported");
    return validate;
  } catch (error) {
    throw failure("syntax", "SchemaError", (error as Error).message);
  } finally {
    ajv.removeSchema(schema as boolean);
  }
}

function instanceFor(schema: boolean | { readonly [key: string]: unknown }): Ajv {
  const wanted = typeof schema === "object" ? schema.$schema : undefined;
  if (wanted === undefined) return instances.get("2020-12")!;
  const draft = /^https?:\/\/json-schema\.org\/(?:draft\/)?([^/]+)\/schema#?$/.exec(String(wanted))?.[1];
  const ajv = draft === undefined ? undefined : instances.get(draft);
  if (ajv) return ajv;
  const known = [...instances.keys()].join(", ");
  throw failure("syntax", "SchemaError", `the draft ${shorten(String(wanted))} is not supported: only ${known} are`);
}

/** `ValidationError('must be >= 0 at .foo[1]')`. */
function rejection(error: ErrorObject | undefined, value: unknown): Failure {
  const place = (error?.instancePath ?? "").slice(0, 200);
  const at = place === "" ? "" : ` at ${place}`;
  const shown = place === "" && (typeof value !== "object" || value === null) ? printed(value) + " " : "";
  return failure("rejected", "ValidationError", `${shown}${error?.message ?? "does not fit the schema"}${at}`);
}

function printed(value: unknown): string {
  return typeof value === "string" ? pythonRepr(value.slice(0, 100).toWellFormed()) : String(value);
}
