/** Defines a command as one value, from which the parser, help, completion and manual page derive. */
import { Command as CommanderCommand } from 'commander';
import { jsonText, momentOf, secondsOf } from '../text/text.ts';
import type { World } from '../world/world.ts';
import { usage } from './failure.ts';
import type { ExitCode } from './failure.ts';

export interface Command {
  /** `agents list`; the first word is the group. */
  readonly name: string;
  /** Aliases for the last word of the name; help and completion leave them out. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly arguments?: readonly Argument[];
  readonly options?: readonly Option[];
  readonly example: string;
  readonly run: (call: Invocation) => Promise<ExitCode | void>;
}

/** What completion offers: words, local file names or saved connections. */
export type Values = readonly string[] | 'file' | 'connection';

/** `<needed>`, `[optional]` or `[several...]`, its summary, and its values if they are known in advance. */
export type Argument = readonly [form: string, summary: string, values?: Values];

/** `--flag` or `--option <value>`, its summary, and what else is known about it. */
export type Option = readonly [
  form: string,
  summary: string,
  more?: { readonly values?: Values; readonly repeatable?: true },
];

/** The commands that share a first word. */
export interface Group {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly Command[];
}

/** `isolate` of `agents isolate`; undefined for a command that is its own group. */
export function wordOf({ name }: Command): string | undefined {
  return name.split(' ')[1];
}

export const yesOption: Option = ['--yes', 'Do not ask.'];
export const reasonOption: Option = ['--reason <text>', 'Reason, recorded in the audit log.'];

/** Every command has these. */
export const commonOptions: readonly Option[] = [
  ['--json', 'Print one JSON document instead of text.'],
  ['--connection <name>', 'The connection to use instead of the current one.', { values: 'connection' }],
];

/** One parsed command line. */
export class Invocation {
  readonly world: World;
  /** All words of the last argument, if it may be repeated. */
  readonly several: readonly string[];
  /** Loads every command; running one command loads only its own group. */
  readonly everyGroup: () => Promise<readonly Group[]>;
  readonly #words: ReadonlyMap<string, string>;
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(world: World, { words, several, options }: Reading, everyGroup: () => Promise<readonly Group[]>) {
    this.world = world;
    this.several = several;
    this.everyGroup = everyGroup;
    this.#words = words;
    this.#options = options;
  }

  /** An argument by its name; empty if it was left out. */
  word(name: string): string {
    return this.#words.get(name) ?? '';
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

  /** One of a few words, or undefined if the option was left out: a typo must never look like an empty list. */
  choice<Word extends string>(name: string, words: readonly Word[]): Word | undefined {
    const text = this.option(name);
    return text === undefined ? undefined : chosen(name, text, words);
  }

  /** All values of a repeatable option that takes a few words only. */
  choices<Word extends string>(name: string, words: readonly Word[]): Word[] {
    return this.options(name).map((text) => chosen(name, text, words));
  }

  /** A whole number not below `least`, or undefined if the option was left out. */
  number(name: string, least: 0 | 1 = 1): number | undefined {
    const text = this.option(name);
    if (text === undefined) return undefined;
    if (/^(0|[1-9]\d{0,9})$/.test(text) && Number(text) >= least) return Number(text);
    throw usage(`"${text}" is not a whole number of ${least} or more.`, `Give --${dashed(name)} a number.`);
  }

  /** A time like `90s` in seconds, or undefined if the option was left out; `like` shows how to write it. */
  seconds(name: string, like: string): number | undefined {
    const text = this.option(name);
    if (text === undefined) return undefined;
    const seconds = secondsOf(text);
    if (seconds !== undefined) return seconds;
    throw usage(`"${text}" is not a time.`, `Write it like ${like}.`);
  }

  /** The time that `--since` means, in milliseconds since 1970. */
  since(): number | undefined {
    const text = this.option('since');
    if (text === undefined) return undefined;
    const seconds = secondsOf(text);
    const since = seconds === undefined ? momentOf(text) : Math.round(this.world.now() - seconds * 1000);
    if (since !== undefined) return since;
    throw usage(`"${text}" is not a time.`, 'Write it like 30m, 4h, 2d or 2027-01-31.');
  }

  flag(name: string): boolean {
    return this.#options[name] === true;
  }

  get json(): boolean {
    return this.flag('json');
  }

  /** Prints the result: `value` for a program that requested JSON, `text` for a person. */
  print(value: unknown, text: string): void {
    this.world.out.write(this.json ? jsonText(value) : text);
  }

  /** Prints progress for a person; not in JSON mode. */
  say(text: string): void {
    if (!this.json) this.world.out.write(text);
  }
}

interface Reading {
  readonly words: ReadonlyMap<string, string>;
  readonly several: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

type Run = (command: Command, reading: Reading) => Promise<void>;

/** Adds `command` to `parent`; `run` receives the parsed command line. */
export function addTo(parent: CommanderCommand, command: Command, run: Run): CommanderCommand {
  for (const alias of command.aliases ?? []) {
    parent.addCommand(build(new CommanderCommand(alias), command, run).copyInheritedSettings(parent), { hidden: true });
  }
  return build(parent.command(wordOf(command) ?? command.name), command, run);
}

function build(added: CommanderCommand, command: Command, run: Run): CommanderCommand {
  added.description(command.summary);
  for (const [form, summary] of command.arguments ?? []) added.argument(form, summary);
  for (const [form, summary, more] of [...(command.options ?? []), ...commonOptions]) {
    if (more?.repeatable === true)
      added.option(form, summary, (value, before: readonly string[] | undefined) => [...(before ?? []), value]);
    else added.option(form, summary);
  }
  added.addHelpText('after', `\nExample:\n  $ ${command.example}`);
  added.action(async () => {
    const words = new Map<string, string>();
    added.registeredArguments.forEach((argument, at) => words.set(argument.name(), added.args[at] ?? ''));
    const last = added.registeredArguments.length - 1;
    const several = added.registeredArguments[last]?.variadic === true ? added.args.slice(last) : [];
    await run(command, { words, several, options: added.opts() });
  });
  return added;
}

type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** The fields that have a value: what was left out on the command line is left out of the request. */
export function defined<Fields extends object>(fields: Fields): Defined<Fields> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only undefined fields are dropped
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<Fields>;
}

function chosen<Word extends string>(name: string, text: string, words: readonly Word[]): Word {
  const word = words.find((one) => one.toLowerCase() === text.toLowerCase());
  if (word !== undefined) return word;
  throw usage(`--${dashed(name)} "${text}" is not valid.`, `Use one of ${words.join(', ')}.`);
}

function dashed(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
