/** Possible values of arguments and options, as far as they are known in advance. */
import { detectionActions, objectTypes, quarantineStates, reasons, scanActions } from '@cordon/protocol/words';
import { roles } from '../../command/choice.ts';
import type { Command } from '../../command/command.ts';

/** Words; `file` for a local file name; `connection` for a saved connection. */
export type Values = readonly string[] | 'file' | 'connection';

const byPlaceholder: Readonly<Record<string, Values>> = {
  '<action>': scanActions,
  '<role>': roles,
  '<type>': objectTypes,
  '<state>': quarantineStates,
  '<shell>': ['bash', 'zsh', 'fish', 'connections'],
  '<code>': Object.keys(reasons),
  '<file>': 'file',
};

/** Possible values by option flag; options that take any value are left out. */
export function optionValues(command: Command): ReadonlyMap<string, Values> {
  const found = new Map<string, Values>([['--connection', 'connection']]);
  for (const [name] of command.options ?? []) {
    const [flag = '', placeholder = ''] = name.split(' ');
    const values = valuesOf(command, placeholder);
    if (values !== undefined) found.set(flag, values);
  }
  return found;
}

/** Possible values of the first argument; undefined if it can be anything. */
export function argumentValues(command: Command): Values | undefined {
  const placeholder = command.arguments?.[0]?.[0] ?? '';
  // Only here: a path in an option is one on endpoints, or an agent folder.
  return placeholder === '<path>' || placeholder === '<what>' ? 'file' : valuesOf(command, placeholder);
}

function valuesOf(command: Command, placeholder: string): Values | undefined {
  if (placeholder === '<action>' && command.name.startsWith('detections')) return detectionActions;
  return byPlaceholder[placeholder];
}
