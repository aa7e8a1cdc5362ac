/** A command is a value; commander reads the words of the command line into it. */
import type { Command as CommanderCommand } from 'commander';
import { usage } from './failure.ts';
import { jsonText } from './text.ts';
import type { ExitCode } from './failure.ts';
import type { World } from './world.ts';

export interface Command {
  /** `agents list`; the first word is the group. */
  readonly name: string;
  readonly summary: string;
  /** `<needed>`, `[optional]`, each with a summary. */
  readonly arguments?: readonly (readonly [string, string])[];
  /** `--flag` or `--option <value>`, each with a summary. */
  readonly options?: readonly (readonly [string, string])[];
  readonly example: string;
  readonly handler: (call: Invocation) => Promise<ExitCode | void>;
}

/** One command line, read. */
export class Invocation {
  readonly world: World;
  readonly #words: ReadonlyMap<string, string>;
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(world: World, words: ReadonlyMap<string, string>, options: Readonly<Record<string, unknown>>) {
    this.world = world;
    this.#words = words;
    this.#options = options;
  }

  /** An argument by its name; empty when it was left out. */
  word(name: string): string {
    return this.#words.get(name) ?? '';
  }

  /** The value of `--host-name` under `hostName`. */
  option(name: string): string | undefined {
    const value = this.#options[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** A whole number from 1 on, or undefined when the option was left out. */
  number(name: string): number | undefined {
    const text = this.option(name);
    if (text === undefined) return undefined;
    if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
    throw usage(`"${text}" is not a whole number from 1 on.`, `Give --${dashed(name)} a number.`);
  }

  flag(name: string): boolean {
    return this.#options[name] === true;
  }

  get json(): boolean {
    return this.flag('json');
  }

  /** The result: `value` for a program that asked for JSON, `text` for a person. */
  tell(value: unknown, text: string): void {
    this.world.out.write(this.json ? jsonText(value) : text);
  }

  /** What a person reads while it happens; a program does not. */
  say(text: string): void {
    if (!this.json) this.world.out.write(text);
  }
}

const commonOptions = [
  ['--json', 'Print one JSON document instead of text.'],
  ['--profile <name>', 'The profile to use instead of the current one.'],
] as const;

/** Adds `command` under `parent`; `run` is called with what was read. */
export function addTo(parent: CommanderCommand, command: Command, run: (read: Reading) => Promise<void>): void {
  const [last = ''] = command.name.split(' ').slice(-1);
  const added = parent.command(last).description(command.summary);
  for (const [name, summary] of command.arguments ?? []) added.argument(name, summary);
  for (const [flags, summary] of [...(command.options ?? []), ...commonOptions]) added.option(flags, summary);
  added.addHelpText('after', `\nExample:\n  $ ${command.example}`);
  added.action(async () => {
    const words = new Map<string, string>();
    added.registeredArguments.forEach((argument, at) => words.set(argument.name(), added.args[at] ?? ''));
    await run({ command, words, options: added.opts() });
  });
}

export interface Reading {
  readonly command: Command;
  readonly words: ReadonlyMap<string, string>;
  readonly options: Readonly<Record<string, unknown>>;
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
