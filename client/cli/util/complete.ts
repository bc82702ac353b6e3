/**
 * What can follow on a command line, found by walking the commands: subcommands, options, choices, paths, files.
 *
 * @module
 */

import type { Argument, Option } from "commander";
import { aclOperand, conflictOperand, conflictTickOperand, tokenOperand, userOperand } from "../option_kinds.ts";
import { codecOperand, groupOperand, matchOperand, typeOperand } from "../option_kinds.ts";
import { operandsOf, pathOperand, valueOf } from "../option_kinds.ts";
import type { MoatCommand } from "../options.ts";

/** A word that fits, and what it means. */
export type Candidate = readonly [word: string, meaning: string];

/** What the shell shows. */
export interface Completion {
  /** `files`: the shell's own completion of file names; `paths`: more may follow without a space */
  readonly kind: "words" | "paths" | "files";
  readonly candidates: readonly Candidate[];
}

/** What a conflict's record says. */
export interface ConflictName {
  readonly path: string;
  readonly writer: string;
  readonly tick: number;
}

/** Asks a server. */
export interface Finders {
  /** The entry paths that begin with a text. */
  readonly paths: (begin: string) => Promise<readonly string[]>;
  /** All conflicts. */
  readonly conflicts: () => Promise<readonly ConflictName[]>;
  /** All users, tokens, ACLs, types, … */
  readonly names: (of: NameKind) => Promise<readonly string[]>;
}

/** What has names that can be completed; `group`: of conversions. */
export type NameKind = "user" | "token" | "acl" | "type" | "match" | "codec" | "group";

const namedOperands: ReadonlyMap<unknown, NameKind> = new Map<unknown, NameKind>([
  [userOperand, "user"],
  [tokenOperand, "token"],
  [aclOperand, "acl"],
  [typeOperand, "type"],
  [matchOperand, "match"],
  [codecOperand, "codec"],
  [groupOperand, "group"],
]);

const nothing: Completion = { kind: "words", candidates: [] };

/**
 * Completes the last of `words`.
 * @param program The whole command line; options of its groups are set as if it were run, so that paths are asked of
 *   the server that the line names
 * @param words Everything behind the program's name; the last one is being typed and may be empty
 * @param find Asks the server
 */
export async function complete(
  program: MoatCommand,
  words: readonly string[],
  find: Finders,
): Promise<Completion> {
  const before = words.slice(0, -1);
  const last = words.at(-1) ?? "";
  // `--option=begin` is completed like `--option begin`.
  const inline = before.includes("--") ? null : /^(--[^=]+)=(.*)$/s.exec(last);
  const [prefix, typed] = inline ? [`${inline[1]}=`, inline[2]] : ["", last];
  const state = await Walk.along(program, inline ? [...before, inline[1]] : before);
  const found = state === undefined ? nothing : await state.candidates(typed, find);
  const fitting = found.candidates.filter(([word]) => word.startsWith(typed));
  return { ...found, candidates: fitting.map(([word, meaning]): Candidate => [prefix + word, meaning]) };
}

/** Where a command line has led to. */
class Walk {
  #command: MoatCommand;
  readonly #operands: string[] = [];
  #hasPath = false;
  #literal = false;
  /** An option that still wants operands, and those it has */
  #option: { readonly option: Option; readonly operands: string[] } | undefined;

  private constructor(program: MoatCommand) {
    this.#command = program;
  }

  /** Undefined if the line is wrong. */
  static async along(program: MoatCommand, words: readonly string[]): Promise<Walk | undefined> {
    const walk = new Walk(program);
    for (const word of words) {
      if (!await walk.#step(word)) return undefined;
    }
    return walk;
  }

  async #step(word: string): Promise<boolean> {
    if (this.#option) return this.#takeOperand(word), true;
    if (word === "--" && !this.#literal) return this.#literal = true;
    if (!this.#literal && word.length > 1 && word.startsWith("-")) return this.#startOption(word);
    if (this.#command.commands.length === 0) return this.#operands.push(word) > 0;
    if (this.#wantsPath() && !(this.#command.pathFirstRule?.verbFirst && this.#command.find(word))) {
      return this.#hasPath = this.#operands.push(word) > 0;
    }
    const child = this.#command.find(word);
    if (!child) return false;
    await this.#command.load(child);
    if (!this.#hasPath) this.#operands.length = 0;
    this.#hasPath = false;
    this.#command = child;
    return true;
  }

  #wantsPath(): boolean {
    return this.#command.pathFirstRule !== undefined && !this.#hasPath;
  }

  #startOption(word: string): boolean {
    const [name, inline] = word.startsWith("--") && word.includes("=") ? word.split(/=(.*)/s) : [word, undefined];
    const option = this.#findOption(name) ?? this.#findOption(name.slice(0, 2));
    // A number, or an option that only the command behind a path knows: `data PATH -r`.
    if (!option) return this.#command.commands.length > 0 || this.#operands.push(word) > 0;
    this.#option = { option, operands: [] };
    const attached = inline ?? (name.startsWith("--") || name === option.short ? undefined : name.slice(2));
    if (attached !== undefined && operandsOf(option) > 0) this.#takeOperand(attached);
    if (this.#option && operandsOf(option) === 0) this.#finishOption();
    return true;
  }

  #takeOperand(word: string): void {
    if (!this.#option) return;
    this.#option.operands.push(word);
    if (this.#option.operands.length >= operandsOf(this.#option.option)) this.#finishOption();
  }

  #finishOption(): void {
    const { option, operands } = this.#option!;
    this.#option = undefined;
    if (this.#command.commands.length === 0) return;
    const name = option.attributeName();
    try {
      const owner = this.#owner(option);
      owner.setOptionValueWithSource(name, valueOf(option, operands, owner.getOptionValue(name)), "cli");
    } catch { /* a bad value; the real run will say so */ }
  }

  /** This command and those above it: long options are understood below their command too. */
  #lineage(): MoatCommand[] {
    const all: MoatCommand[] = [];
    for (let at: MoatCommand | null = this.#command; at; at = at.parent as MoatCommand | null) all.push(at);
    return all;
  }

  #owner(option: Option): MoatCommand {
    return this.#lineage().find((command) => command.options.includes(option)) ?? this.#command;
  }

  #findOption(name: string): Option | undefined {
    if (!name.startsWith("--")) return this.#command.options.find((option) => option.short === name);
    return this.#lineage().flatMap((command) => [...command.options]).find((option) => option.long === name);
  }

  /** What may stand at the end. */
  async candidates(typed: string, find: Finders): Promise<Completion> {
    if (this.#option) return await operand(this.#option.option, this.#option.operands.length, typed, find);
    if (typed.startsWith("-") && !this.#literal) return { kind: "words", candidates: this.#options() };
    if (this.#command.commands.length > 0) {
      const names: Candidate[] = this.#command.commands.filter((command) => !isHidden(command as MoatCommand)).map((
        command,
      ) => [command.name(), command.summary() || firstLine(command.description())]);
      if (!this.#wantsPath()) return { kind: "words", candidates: names };
      const verbs = this.#command.pathFirstRule?.verbFirst ? names : [];
      const paths = await find.paths(typed);
      return { kind: "paths", candidates: [...paths.map((path): Candidate => [path, ""]), ...verbs] };
    }
    const declared = this.#command.registeredArguments;
    const argument = declared[this.#operands.length] ?? (declared.at(-1)?.variadic ? declared.at(-1) : undefined);
    if (argument?.parseArg === conflictOperand) {
      return { kind: "words", candidates: conflictNames(await find.conflicts()) };
    }
    if (argument?.parseArg === conflictTickOperand) {
      return { kind: "words", candidates: conflictTicks(await find.conflicts(), this.#operands.at(-1)!) };
    }
    return argument ? await operand(argument, 0, typed, find) : nothing;
  }

  #options(): Candidate[] {
    const own = this.#command.options.filter((option) => !option.hidden).flatMap((option): Candidate[] =>
      [option.long, option.short].filter((flag) => flag !== undefined).map((flag) => [flag, option.description])
    );
    return [...own, ["--help", "show what this command does"]];
  }
}

/** Completes an operand of a command or option, from what is known of it. */
async function operand(
  of: Argument | Option,
  index: number,
  typed: string,
  find: Finders,
): Promise<Completion> {
  if (of.argChoices) return { kind: "words", candidates: of.argChoices.map((word): Candidate => [word, ""]) };
  const name = "flags" in of ? of.flags.match(/<([^>]*)>/)?.[1].split(/[\s>]+/)[index] ?? "" : of.name();
  if (/^(?:file|dir)s?$/i.test(name)) return { kind: "files", candidates: [] };
  const named = namedOperands.get(of.parseArg);
  if (named !== undefined) {
    return { kind: "words", candidates: (await find.names(named)).map((word): Candidate => [word, ""]) };
  }
  if (of.parseArg === pathOperand || /^path$/i.test(name) && !("flags" in of)) {
    return { kind: "paths", candidates: (await find.paths(typed)).map((path): Candidate => [path, ""]) };
  }
  return nothing;
}

/** Conflicts by who made the change that lost, and by where it is. */
function conflictNames(all: readonly ConflictName[]): Candidate[] {
  const names = new Map<string, string>();
  for (const { path, writer, tick } of all) {
    names.set(writer, "writer");
    names.set(path, `${writer} ${tick}`);
  }
  return [...names].sort(([a], [b]) => a < b ? -1 : 1);
}

function conflictTicks(all: readonly ConflictName[], of: string): Candidate[] {
  const ofWriter = all.filter(({ writer }) => writer === of).sort((a, b) => a.tick - b.tick);
  return ofWriter.map(({ path, tick }): Candidate => [String(tick), path]);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0];
}

function isHidden(command: MoatCommand): boolean {
  return command.name().startsWith("__") || ("_hidden" in command && command._hidden === true);
}
