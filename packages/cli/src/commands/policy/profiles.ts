/** The commands about isolation profiles: what stays reachable from isolated endpoints. Cordon only. */
import type { Profile } from '@cordon/protocol/console';
import type { Command, Invocation } from '../../command/command.ts';
import { consoleClient } from '../../connection/connection.ts';
import { usage } from '../../command/failure.ts';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { counted, moment, printable } from '../../text/text.ts';
import { parseRule, ruleText } from './profile-rule.ts';

const which = ['<name>', 'Its name: letters, digits, "-" and "_".'] as const;

export const commands: readonly Command[] = [
  {
    name: 'profiles list',
    summary: 'List isolation profiles and what each allows.',
    example: 'cordon profiles list',
    run: list,
  },
  {
    name: 'profiles put',
    summary: 'Add or replace a profile; endpoints isolated with it apply the change immediately.',
    arguments: [which],
    options: [
      [
        '--allow <rule>',
        'Allow traffic: in or out, tcp or udp, a network, and a port, first-last or * for all. Repeatable.',
        { repeatable: true },
      ],
      ['--dhcp', 'Allow DHCP, so that leased addresses do not expire.'],
    ],
    example: 'cordon profiles put forensics --allow "in tcp 192.0.2.0/24 22" --allow "out udp 2001:db8::53 53" --dhcp',
    run: put,
  },
  {
    name: 'profiles remove',
    summary: 'Remove a profile; endpoints isolated with it then reach only the servers.',
    arguments: [which],
    example: 'cordon profiles remove forensics',
    run: remove,
  },
];

interface Line {
  readonly profile: Profile;
  readonly allows: string;
}

const columns: readonly Column<Line>[] = [
  { title: 'NAME', cell: ({ profile }) => profile.name },
  { title: 'ALLOWS', cell: ({ allows }) => allows },
  { title: 'CHANGED', cell: ({ profile }) => moment(profile.changedAt) },
];

async function list(call: Invocation): Promise<void> {
  const profiles = await (await consoleClient(call)).profiles.list();
  const lines = profiles.flatMap((profile) => allowed(profile).map((allows) => ({ profile, allows })));
  call.print(profiles, profiles.length === 0 ? 'No profiles.\n' : table(columns, lines, call.world.out));
}

/** In the syntax of --allow; one empty line for a profile that allows nothing. */
function allowed({ exceptions, dhcp }: Profile): string[] {
  const rules = [...exceptions.map(ruleText), ...(dhcp ? ['dhcp'] : [])];
  return rules.length === 0 ? [''] : rules;
}

async function put(call: Invocation): Promise<void> {
  const [name, dhcp] = [call.word('name'), call.flag('dhcp')];
  const exceptions = call.options('allow').map(parseRule);
  // Replacing a profile with an empty one is probably a mistake; removing it has the same effect.
  if (exceptions.length === 0 && !dhcp) throw usage('The profile would allow nothing.', 'Add --allow or --dhcp.');
  await (await consoleClient(call)).profiles.put(name, { exceptions, dhcp });
  const rules = counted(exceptions.length, 'rule') + (dhcp ? ' and DHCP' : '');
  call.print({ put: name, exceptions, dhcp }, `Profile ${printable(name)} allows ${rules}.\n`);
}

async function remove(call: Invocation): Promise<void> {
  const name = call.word('name');
  await (await consoleClient(call)).profiles.remove(name);
  call.print({ removed: name }, `Removed profile ${printable(name)}.\n`);
}
