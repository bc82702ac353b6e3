/**
 * JSON schemas, checked by ajv. `$schema` chooses the draft; the newest is the default.
 *
 * @module
 */

import type { Ajv, AnySchema, AnySchemaObject, ErrorObject, ValidateFunction } from "ajv";
import { decode } from "../../../../wire/mod.ts";
import { pythonRepr } from "../python_repr.ts";
import { type Failure, failure, shorten } from "./failure.ts";
import { jsonOf } from "./json_value.ts";
import type { Runner } from "./runner.ts";

/** What checks the schemas of one draft, and what makes the instance in which one of them is compiled. */
interface Draft {
  readonly checker: Ajv;
  readonly create: () => Ajv;
}

const drafts = new Map<string, Draft>();

const options = { strict: false, validateSchema: false, validateFormats: false, logger: false } as const;

/** Loads ajv; takes some 100 ms with the first schema of the newest draft. */
export async function loadSchemas(): Promise<void> {
  const [{ Ajv2020 }, { Ajv2019 }, { Ajv }, { default: draft6 }] = await Promise.all([
    import("ajv/dist/2020.js"),
    import("ajv/dist/2019.js"),
    import("ajv"),
    import("ajv/dist/refs/json-schema-draft-06.json", { with: { type: "json" } }),
  ]);
  add(() => new Ajv2020(options), "2020-12");
  add(() => new Ajv2019(options), "2019-09");
  add(() => new Ajv(options).addMetaSchema(draft6), "draft-07", "draft-06");
  drafts.get("2020-12")!.checker.validateSchema({ type: "object" });
}

function add(create: () => Ajv, ...names: string[]): void {
  const draft = { checker: create(), create };
  for (const name of names) drafts.set(name, draft);
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
    this.#validate = compiled(json as AnySchema);
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

/** Compiles in an instance of its own: two programs may use the same `$id`, and none can take that of a draft. */
function compiled(schema: AnySchema): ValidateFunction {
  const { checker, create } = draftOf(schema);
  try {
    checker.validateSchema(schema, true);
    const validate = create().compile(schema);
    if ("$async" in validate) throw new Error("$async is not supported");
    return validate;
  } catch (error) {
    throw failure("syntax", "SchemaError", (error as Error).message);
  }
}

function draftOf(schema: AnySchema): Draft {
  const wanted = typeof schema === "object" ? (schema as AnySchemaObject).$schema : undefined;
  if (wanted === undefined) return drafts.get("2020-12")!;
  const name = /^https?:\/\/json-schema\.org\/(?:draft\/)?([^/]+)\/schema#?$/.exec(String(wanted))?.[1] ?? "";
  const draft = drafts.get(name);
  if (draft) return draft;
  const known = [...drafts.keys()].join(", ");
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
