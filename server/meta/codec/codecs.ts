/**
 * The codecs, and which of them applies where: `:n.conv.GROUP.PATTERN` is `{codec: PATH}`.
 *
 * Source: `spec/client-protocol.md` 6.3, 6.4.
 *
 * @module
 */

import { decode } from "../../../wire/msgpack/decoder.ts";
import type { ElementKey } from "../../../wire/path/keys.ts";
import type { Path } from "../../../wire/path/path.ts";
import type { Value } from "../../../wire/value.ts";
import type { Entry } from "../../core/entry.ts";
import type { Store } from "../../core/store.ts";
import { EntryCache } from "../entry_cache.ts";
import { fieldsOf, find, nameOf, pathIn } from "../record.ts";
import type { Runner } from "../stored_program.ts";
import { bestMatch } from "../wildcard.ts";
import { CodecNode } from "./codec_node.ts";
import { Converter } from "./converter.ts";

/** The codecs. */
export class Codecs {
  /** What the codecs' records say. */
  readonly nodes: EntryCache<CodecNode>;
  readonly #converters: EntryCache<Converter>;

  constructor(readonly store: Store, readonly runner: Runner) {
    this.nodes = new EntryCache((entry) => {
      const bytes = store.values.read(entry.value);
      return new CodecNode(runner, String(nameOf(entry)), bytes, decode(bytes));
    }, (node) => node.release());
    this.#converters = new EntryCache((entry) => this.#converterOf(entry));
  }

  /** Where all codecs are. */
  get top(): Entry | undefined {
    return this.store.find([null, "codec"], 2);
  }

  /** The entry whose children are a group's patterns. */
  group(name: string): Entry | undefined {
    return this.store.find([null, "conv", name], 3);
  }

  /** What converts values at `keys[0 … count)`, by the patterns below `group`. */
  rule(group: Entry, keys: readonly ElementKey[], count: number): Converter | undefined {
    if (keys[0] === null) return undefined;
    const found = bestMatch(group, keys, 0, count);
    return found === undefined || found === group ? undefined : this.#converters.get(found);
  }

  /** What an entry of the conv tree does. */
  converter(entry: Entry): Converter {
    return this.#converters.get(entry);
  }

  /** The codec of that path below `:n.codec`. */
  codec(path: Path): CodecNode | undefined {
    const entry = find(this.store, "codec", path);
    return entry?.hasValue ? this.nodes.get(entry) : undefined;
  }

  #converterOf(entry: Entry): Converter {
    const bytes = this.store.values.read(entry.value);
    return new Converter(this, String(nameOf(entry)), bytes, codecIn(decode(bytes)));
  }
}

/** The codec that a record names. */
function codecIn(value: Value): Path | undefined {
  const path = pathIn(fieldsOf(value)?.get("codec"));
  return path?.length === 0 ? undefined : path;
}
