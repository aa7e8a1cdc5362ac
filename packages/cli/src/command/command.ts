/** Defines a command as a value; commander parses the command line into it. */
import { Command as CommanderCommand } from 'commander';
import { usage } from './failure.ts';
import { jsonText } from '../text/text.ts';
import type { ExitCode } from './failure.ts';
import type { World } from '../world/world.ts';

export interface Command {
  /** `agents list`; the first word is the group. */
  readonly name: string;
  /** Aliases for the last word of the name; help and completion leave them out. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** `<needed>`, `[optional]`, `[several...]`, each with a summary. */
  readonly arguments?: readonly (readonly [string, string])[];
  /** `--flag` or `--option <value>`, each with a summary. A repeatable option may be given several times. */
  readonly options?: readonly (readonly [string, string, 'repeatable'?])[];
  readonly example: string;
  readonly handler: (call: Invocation) => Promise<ExitCode | void>;
}

/** One parsed command line. */
export class Invocation {
  readonly world: World;
  readonly #words: ReadonlyMap<string, string>;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #several: readonly string[];

  constructor(world: World, { words, several, options }: Omit<Reading, 'command'>) {
    this.world = world;
    this.#words = words;
    this.#several = several;
    this.#options = options;
  }

  /** An argument by its name; empty if it was left out. */
  word(name: string): string {
    return this.#words.get(name) ?? '';
  }

  /** All words of the last argument, if it may be repeated. */
  get several(): readonly string[] {
    return this.#several;
  }

  /** The value of `--host-name` under `hostName`. */
  option(name: string): string | undefined {
    const value = this.#options[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** All values of a repeatable option. */
  options(name: string): string[] {
    const values = this.#options[name];
    return Array.isArray(values) ? values.filter((value) => typeof value === 'string') : [];
  }

  /** A whole number not below `least`, or undefined if the option was left out. */
  number(name: string, least: 0 | 1 = 1): number | undefined {
    const text = this.option(name);
    if (text === undefined) return undefined;
    if (/^(0|[1-9]\d{0,9})$/.test(text) && Number(text) >= least) return Number(text);
    throw usage(`"${text}" is not a whole number from ${least} on.`, `Give --${dashed(name)} a number.`);
  }

  flag(name: string): boolean {
    return this.#options[name] === true;
  }

  get json(): boolean {
    return this.flag('json');
  }

  /** Prints the result: `value` for a program that requested JSON, `text` for a person. */
  tell(value: unknown, text: string): void {
    this.world.out.write(this.json ? jsonText(value) : text);
  }

  /** Prints progress for a person; not in JSON mode. */
  say(text: string): void {
    if (!this.json) this.world.out.write(text);
  }
}

const commonOptions = [
  ['--json', 'Print one JSON document instead of text.'],
  ['--connection <name>', 'The connection to use instead of the current one.'],
] as const;

/** Adds `command` to `parent`; `run` receives the parsed command line. */
export function addTo(
  parent: CommanderCommand,
  command: Command,
  run: (read: Reading) => Promise<void>,
): CommanderCommand {
  const [last = ''] = command.name.split(' ').slice(-1);
  for (const alias of command.aliases ?? []) {
    parent.addCommand(build(new CommanderCommand(alias), command, run).copyInheritedSettings(parent), { hidden: true });
  }
  return build(parent.command(last), command, run);
}

function build(added: CommanderCommand, command: Command, run: (read: Reading) => Promise<void>): CommanderCommand {
  added.description(command.summary);
  for (const [name, summary] of command.arguments ?? []) added.argument(name, summary);
  for (const [flags, summary, repeatable] of [...(command.options ?? []), ...commonOptions]) {
    if (repeatable === undefined) added.option(flags, summary);
    else
      added.option(flags, summary, (value: string, before: readonly string[] | undefined) => [
        ...(before ?? []),
        value,
      ]);
  }
  added.addHelpText('after', `\nExample:\n  $ ${command.example}`);
  added.action(async () => {
    const words = new Map<string, string>();
    added.registeredArguments.forEach((argument, at) => words.set(argument.name(), added.args[at] ?? ''));
    const last = added.registeredArguments.length - 1;
    const several = added.registeredArguments[last]?.variadic === true ? added.args.slice(last) : [];
    await run({ command, words, several, options: added.opts() });
  });
  return added;
}

export interface Reading {
  readonly command: Command;
  readonly words: ReadonlyMap<string, string>;
  readonly several: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
