/** Every command there is, for what speaks of all of them: completion and the manual. */
import { catalogue } from './catalogue.ts';
import type { Group } from './catalogue.ts';
import type { Command } from './command.ts';

export interface LoadedGroup extends Pick<Group, 'name' | 'summary'> {
  readonly commands: readonly Command[];
}

/** Loads all groups; a start that runs one command loads one. */
export async function everyCommand(): Promise<LoadedGroup[]> {
  return Promise.all(
    catalogue.map(async ({ name, summary, load }) => ({ name, summary, commands: (await load()).commands })),
  );
}

/** Long options of a command as they are typed, the common ones among them: `--json`. */
export function flagsOf(command: Command): string[] {
  return [...(command.options ?? []).map(([flags]) => flags.split(' ')[0] ?? ''), '--json', '--connection', '--help'];
}

/** `isolate` of `agents isolate`; undefined for a command that is its group. */
export function wordOf(command: Command, group: string): string | undefined {
  return command.name === group ? undefined : command.name.slice(group.length + 1);
}
