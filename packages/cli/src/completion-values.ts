/** What may stand where a command wants a value, as far as that is known beforehand. */
import { detectionActions, objectTypes, quarantineStates, reasons, scanActions } from '@cordon/protocol/words';
import { roles } from './choice.ts';
import type { Command } from './command.ts';

/** Words; `file` for the name of a file here; `connection` for one that is kept. */
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

/** What the value of each option may be, by its flag; options whose value is anything are left out. */
export function optionValues(command: Command): ReadonlyMap<string, Values> {
  const found = new Map<string, Values>([['--connection', 'connection']]);
  for (const [name] of command.options ?? []) {
    const [flag = '', placeholder = ''] = name.split(' ');
    const values = valuesOf(command, placeholder);
    if (values !== undefined) found.set(flag, values);
  }
  return found;
}

/** What the first argument may be; undefined when it is anything. */
export function argumentValues(command: Command): Values | undefined {
  const placeholder = command.arguments?.[0]?.[0] ?? '';
  // Paths of options are those of endpoints and of folders of agents.
  return placeholder === '<path>' || placeholder === '<what>' ? 'file' : valuesOf(command, placeholder);
}

function valuesOf(command: Command, placeholder: string): Values | undefined {
  if (placeholder === '<action>' && command.name.startsWith('detections')) return detectionActions;
  return byPlaceholder[placeholder];
}
