/** The command that generates the manual page from the commands themselves. */
import type { Command, Group, Invocation } from '../../command/command.ts';

export const commands: readonly Command[] = [
  {
    name: 'manual',
    summary: 'Print the manual page, for man.',
    example: 'cordon manual | man -l -',
    run: manual,
  },
];

async function manual(call: Invocation): Promise<void> {
  const page = manualPage(await call.everyGroup());
  call.print({ page }, page);
}

/** The page in roff. */
export function manualPage(groups: readonly Group[]): string {
  return [
    '.TH CORDON 1 "" "Cordon" "User Commands"',
    '.SH NAME',
    'cordon \\- contain endpoints through a Cordon server, or through Apex Central',
    '.SH SYNOPSIS',
    '.B cordon',
    '.I command',
    '[\\fIarguments\\fR] [\\fB\\-\\-json\\fR] [\\fB\\-\\-connection\\fR \\fIname\\fR]',
    '.SH DESCRIPTION',
    'Isolates endpoints, manages suspicious objects and shows results.',
    'Destructive commands ask first; every command has',
    '.BR \\-\\-json ',
    'for programs.',
    '.SH COMMANDS',
    ...groups.flatMap((group) => group.commands.flatMap(commandLines)),
    ...ending,
    '',
  ].join('\n');
}

function commandLines(command: Command): string[] {
  const words = (command.arguments ?? []).map(([name]) => ` \\fI${roff(name)}\\fR`).join('');
  return [
    '.TP',
    `\\fBcordon ${roff(command.name)}\\fR${words}`,
    line(command.summary),
    ...(command.options ?? []).flatMap(([flags, summary]) => ['.br', `\\fB${roff(flags)}\\fR: ${line(summary)}`]),
    '.br',
    `Example: ${line(command.example)}`,
  ];
}

const ending = [
  '.SH EXIT STATUS',
  '.nf',
  '0    done',
  '1    another failure',
  '2    invalid command line, missing value or unusable file',
  '3    nothing matched',
  '4    the server refused',
  '5    network or TLS failure, or another service answered',
  '6    \\-\\-wait took longer than \\-\\-timeout; the request stays in force',
  '7    approval required',
  '8    partly done: an agent was skipped or not found',
  '130  ended by Ctrl\\-C',
  '141  the output pipe was closed',
  '.fi',
  '.SH ENVIRONMENT',
  'CORDON_URL, CORDON_APPLICATION_ID, CORDON_API_KEY, CORDON_FINGERPRINT, CORDON_CA and CORDON_CONNECTION',
  'replace a saved connection; HTTPS_PROXY, NO_PROXY and NO_COLOR are honoured.',
  '.SH FILES',
  '$XDG_CONFIG_HOME/cordon/profiles.json holds the connections, readable by its owner only.',
];

/** Pages are read as ASCII or Latin-1, depending on the formatter, so other characters are written as code points. */
function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
  return escaped.replaceAll(
    /\P{ASCII}/gu,
    (one) => `\\[u${one.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`,
  );
}

/** roff would read a line that begins with a dot or an apostrophe as a request. */
function line(text: string): string {
  return roff(text).replace(/^([.'])/, '\\&$1');
}
