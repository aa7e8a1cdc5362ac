/** Lists every command, for completion and the manual. */
import { catalogue } from './catalogue.ts';
import type { Group } from './catalogue.ts';
import type { Command } from './command/command.ts';

export interface LoadedGroup extends Pick<Group, 'name' | 'summary'> {
  readonly commands: readonly Command[];
}

/** Loads all groups; running one command loads only one. */
export async function everyCommand(): Promise<LoadedGroup[]> {
  return Promise.all(
    catalogue.map(async ({ name, summary, load }) => ({ name, summary, commands: (await load()).commands })),
  );
}

/** Long options of a command as typed, including the common ones: `--json`. */
export function flagsOf(command: Command): string[] {
  return [...(command.options ?? []).map(([flags]) => flags.split(' ')[0] ?? ''), '--json', '--connection', '--help'];
}

/** `isolate` of `agents isolate`; undefined for a command that is its own group. */
export function wordOf(command: Command, group: string): string | undefined {
  return command.name === group ? undefined : command.name.slice(group.length + 1);
}
