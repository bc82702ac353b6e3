/**
 * Commands as commander knows them, with the rules of this command line: options stand anywhere behind their command,
 * may take two operands or be repeated, operands may begin with `-`, a group may begin with a path
 * (`data PATH get`), and a group's file is loaded when it is used.
 *
 * @module
 */

import { Command, type CommandOptions, type ExecutableCommandOptions, type Option } from "commander";
import { InvalidArgumentError, type ParseOptionsResult } from "commander";
import { UsageError } from "./errors.ts";
import { CountOption, ListOption, operandsOf, PairOption, valueOf } from "./option_kinds.ts";
import { didYouMean } from "./suggest.ts";

/** How a group that begins with a path goes on. */
export interface PathFirst {
  /** The verb if there is none: `data PATH` is `data PATH get`. */
  readonly fallback?: string;
  /** Whether `code set PATH` is also understood. */
  readonly verbFirst?: boolean;
}

/** A command of this command line. */
export class MoatCommand extends Command {
  #pathFirst: PathFirst | undefined;
  #hasAction = false;
  readonly #unloaded = new Map<string, () => Promise<void>>();

  override createCommand(name?: string): MoatCommand {
    return new MoatCommand(name).helpCommand(false);
  }

  override command(nameAndArgs: string, options?: CommandOptions): ReturnType<this["createCommand"]>;
  override command(name: string, description: string, options?: ExecutableCommandOptions): this;
  override command(nameAndArgs: string, ...rest: never[]): MoatCommand {
    const [name, ...operands] = nameAndArgs.split(" ");
    const placeholder = this.#unloaded.delete(name) ? this.find(name) : undefined;
    if (placeholder === undefined) return super.command(nameAndArgs, ...rest) as MoatCommand;
    if (operands.length > 0) placeholder.arguments(operands.join(" "));
    return placeholder;
  }

  /** Adds a command whose file is loaded on use; the file's `command(name)` then returns this very one. */
  lazy(name: string, summary: string, load: () => Promise<void>, options: { hidden?: boolean } = {}): MoatCommand {
    if (this.#unloaded.size === 0) this.hook("preSubcommand", (_, command) => this.load(command));
    const command = super.command(name, options) as MoatCommand;
    this.#unloaded.set(name, load);
    return command.summary(summary);
  }

  /** Loads the file of one of this command's subcommands, if it was not yet. */
  async load(command: Command): Promise<void> {
    await this.#unloaded.get(command.name())?.();
  }

  override action(handler: Parameters<Command["action"]>[0]): this {
    this.#hasAction = true;
    return super.action(handler);
  }

  /** How the group goes on behind its path, if it begins with one. */
  get pathFirstRule(): PathFirst | undefined {
    return this.#pathFirst;
  }

  /** Makes this a group that begins with a path; its verbs get the path as their first argument. */
  pathFirst(how: PathFirst): this {
    this.#pathFirst = how;
    return this;
  }

  /** Adds an option with two operands that may be repeated; its value is a list of pairs. */
  pairs(flags: string, description: string): this {
    return this.addOption(new PairOption(flags, description));
  }

  /** Adds an option that may be repeated; its value is a list. */
  list(flags: string, description: string, parse?: (text: string) => unknown): this {
    const option = new ListOption(flags, description);
    return this.addOption(parse ? option.argParser(parse) : option);
  }

  /** Adds a flag that may be repeated; its value is a number. */
  count(flags: string, description: string): this {
    return this.addOption(new CountOption(flags, description));
  }

  /** Adds examples to the help: command, then what it does. */
  examples(...examples: readonly (readonly [command: string, meaning: string])[]): this {
    const width = Math.max(...examples.map(([command]) => command.length));
    const lines = examples.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`);
    return this.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
  }

  /** The direct subcommand of this name or alias. */
  find(name: string): MoatCommand | undefined {
    const found = this.commands.find((command) => command.name() === name || command.aliases().includes(name));
    return found as MoatCommand | undefined;
  }

  /** The words that lead here: `moat kv data PATH get`. */
  words(): string {
    if (!(this.parent instanceof MoatCommand)) return this.name();
    return `${this.parent.words()}${this.parent.#pathFirst ? " PATH" : ""} ${this.name()}`;
  }

  /** What follows the words: options, operands, subcommands. */
  usageLine(): string {
    const skip = this.parent instanceof MoatCommand && this.parent.#pathFirst ? 1 : 0;
    const operands = this.registeredArguments.slice(skip).map((argument) => {
      const name = argument.name().toUpperCase() + (argument.variadic ? "..." : "");
      return argument.required ? name : `[${name}]`;
    });
    if (this.#pathFirst) operands.unshift("PATH");
    if (this.commands.length > 0) operands.push(this.#pathFirst?.fallback ? "[COMMAND]" : "COMMAND", "[ARGS]...");
    return [this.words(), "[OPTIONS]", ...operands].join(" ");
  }

  /** Refuses the command line. */
  refuse(message: string): never {
    throw new UsageError(message, { words: this.words(), usage: this.usageLine() });
  }

  /** Commander's own refusals. */
  override error(message: string, options?: { code?: string }): never {
    const name = message.match(/'([^']*)'/)?.[1] ?? "";
    if (options?.code === "commander.missingArgument") this.refuse(`Missing argument '${name.toUpperCase()}'.`);
    if (options?.code === "commander.excessArguments") {
      const extra = this.args.slice(this.registeredArguments.length);
      this.refuse(`Got unexpected extra argument${extra.length > 1 ? "s" : ""} (${extra.join(" ")}).`);
    }
    const text = message.replace(/^error: /, "");
    this.refuse(text[0].toUpperCase() + text.slice(1).replace(/\.*$/, "."));
  }

  /** Takes this command's options out of `args`; a group also finds the subcommand that gets the rest. */
  override parseOptions(args: readonly string[]): ParseOptionsResult {
    if (args.length === 0 && this.commands.length > 0 && !this.#hasAction) this.help();
    return this.commands.length > 0 ? this.#parseGroup([...args]) : this.#parseLeaf([...args]);
  }

  #parseLeaf(args: string[]): ParseOptionsResult {
    const operands: string[] = [];
    for (let word = args.shift(); word !== undefined; word = args.shift()) {
      if (word === "--") return { operands: [...operands, ...args], unknown: [] };
      if (!looksLikeOption(word) || /^-[\d.]/.test(word) && !this.#own(word.slice(0, 2))) operands.push(word);
      else if (!this.#takeOption(word, args)) this.#refuseOption(word);
    }
    return { operands, unknown: [] };
  }

  #parseGroup(args: string[]): ParseOptionsResult {
    let path: string | undefined;
    for (let word = args.shift(); word !== undefined; word = args.shift()) {
      const literal = word === "--";
      if (literal && (word = args.shift()) === undefined) break;
      if (!literal && looksLikeOption(word)) {
        const verb = path === undefined ? undefined : this.find(path);
        if (word === "--help" && verb) return { operands: [verb.name()], unknown: [word] };
        if (this.#takeOption(word, args)) continue;
        const fallback = this.#pathFirst?.fallback;
        if (path === undefined || fallback === undefined) this.#refuseOption(word);
        return { operands: [fallback, path], unknown: [word, ...args] };
      }
      if (this.#pathFirst === undefined) return this.#choose(word, [], args);
      if (path !== undefined) return this.#choose(word, [path], args);
      if (this.#pathFirst.verbFirst && this.find(word) && !this.find(args[0] ?? "")) {
        return this.#choose(word, [], args);
      }
      path = word;
    }
    if (path === undefined && this.#hasAction) return { operands: [], unknown: [] };
    const fallback = this.#pathFirst?.fallback;
    if (path !== undefined && fallback !== undefined) return { operands: [fallback, path], unknown: [] };
    this.refuse(this.#pathFirst && path === undefined ? "Missing argument 'PATH'." : "Missing command.");
  }

  #choose(word: string, operands: string[], args: string[]): ParseOptionsResult {
    const command = this.find(word);
    if (command) return { operands: [command.name(), ...operands], unknown: args };
    if (word === "help") return { operands: args.splice(0, 1), unknown: [...args, "--help"] };
    const names = this.commands.flatMap((command) => [command.name(), ...command.aliases()]);
    const swapped = operands.length === 1 && this.find(operands[0]);
    const hint = swapped ? ` The path comes first: '${this.words()} ${word} ${operands[0]}'.` : didYouMean(word, names);
    this.refuse(`No such command '${word}'.${hint}`);
  }

  /** Handles one option word and takes its operands from `args`. Returns false if there is no such option. */
  #takeOption(word: string, args: string[]): boolean {
    const exact = this.#own(word);
    if (exact) return this.#assign(exact, [], args), true;
    if (isHelp(word)) this.help();
    if (word.startsWith("--")) return this.#takeLong(word, args);
    if (!this.#own(word.slice(0, 2))) return false;
    const letters = [...word].slice(1);
    for (const [i, letter] of letters.entries()) {
      const option = this.#own(`-${letter}`) ?? this.#refuseOption(`-${letter}`);
      const rest = letters.slice(i + 1).join("");
      if (operandsOf(option) === 0) this.#assign(option, [], args);
      else return this.#assign(option, rest === "" ? [] : [rest], args), true;
    }
    return true;
  }

  #takeLong(word: string, args: string[]): boolean {
    const at = word.indexOf("=");
    const name = at < 0 ? word : word.slice(0, at);
    const option = this.#own(name);
    if (option) {
      if (at >= 0 && operandsOf(option) === 0) this.refuse(`Option '${name}' does not take a value.`);
      return this.#assign(option, at < 0 ? [] : [word.slice(at + 1)], args), true;
    }
    return this.parent instanceof MoatCommand && this.parent.#takeLong(word, args);
  }

  #assign(option: Option, operands: string[], args: string[]): void {
    const wanted = operandsOf(option);
    operands.push(...args.splice(0, wanted - operands.length));
    if (operands.length < wanted) {
      this.refuse(`Option '${option.long ?? option.short}' requires ${wanted === 1 ? "an argument" : "2 arguments"}.`);
    }
    const name = option.attributeName();
    try {
      this.setOptionValueWithSource(name, valueOf(option, operands, this.getOptionValue(name)), "cli");
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      this.refuse(`Invalid value for '${option.flags.split(" <")[0]}': '${operands[0]}'. ${error.message}`);
    }
  }

  #own(flag: string): Option | undefined {
    return this.options.find((option) => option.short === flag || option.long === flag);
  }

  #refuseOption(word: string): never {
    const flag = word.startsWith("--") ? word.split("=")[0] : word.slice(0, 2);
    const known = this.options.flatMap((option) => option.long ?? []);
    const hint = flag.startsWith("--") ? didYouMean(flag, [...known, "--help"]) : "";
    this.refuse(`No such option: ${flag}${hint === "" ? "" : `.${hint}`}`);
  }
}

function looksLikeOption(word: string): boolean {
  return word.length > 1 && word.startsWith("-");
}

function isHelp(word: string): boolean {
  return word === "--help" || word === "-h" || word === "-?";
}
