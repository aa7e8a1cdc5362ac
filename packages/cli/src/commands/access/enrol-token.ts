/** The command that creates enrolment tokens. Cordon only. */
import { defined } from '../../command/command.ts';
import type { Command, Invocation } from '../../command/command.ts';
import { consoleClient } from '../../connection/connection.ts';
import { counted, moment, printable } from '../../text/text.ts';

export const commands: readonly Command[] = [
  {
    name: 'enrol-token',
    summary: 'Create an enrolment token.',
    options: [
      ['--uses <n>', 'Number of endpoints that can use it.'],
      ['--valid <time>', 'How long it is valid: 24h, 7d.'],
      ['--note <text>', 'What it is for.'],
    ],
    example: 'cordon enrol-token --uses 20 --valid 24h',
    run: make,
  },
];

async function make(call: Invocation): Promise<void> {
  const [uses, note, validSeconds] = [call.number('uses'), call.option('note'), call.seconds('valid', '24h or 7d')];
  const client = await consoleClient(call);
  const made = await client.enrolment.addToken(defined({ uses, validSeconds, note }));
  const token = printable(made.token);
  const line =
    made.installLine === null
      ? `Run this on each endpoint as root, once the agent is installed:\n\n  cordon-agent enrol ${token}\n`
      : `Run this on each endpoint as root; it installs the agent too:\n\n  ${printable(made.installLine)}\n`;
  call.print(
    made,
    `${token}\n\n${line}\nValid for ${counted(made.uses, 'endpoint')} until ${moment(made.expiresAt)}.\n`,
  );
}
