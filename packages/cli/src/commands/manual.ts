/** The command that writes the manual page, out of the commands themselves. */
import type { Command, Invocation } from '../command.ts';
import { everyCommand } from '../every-command.ts';
import type { LoadedGroup } from '../every-command.ts';

export const commands: readonly Command[] = [
  {
    name: 'manual',
    summary: 'Print the manual page, for man.',
    example: 'cordon manual | man -l -',
    handler: manual,
  },
];

async function manual(call: Invocation): Promise<void> {
  const page = manualPage(await everyCommand());
  call.tell({ page }, page);
}

/** The page in roff. */
export function manualPage(groups: readonly LoadedGroup[]): string {
  return [
    '.TH CORDON 1 "" "Cordon" "User Commands"',
    '.SH NAME',
    'cordon \\- contain endpoints through a Cordon server, or through Apex Central',
    '.SH SYNOPSIS',
    '.B cordon',
    '.I command',
    '[\\fIarguments\\fR] [\\fB\\-\\-json\\fR] [\\fB\\-\\-connection\\fR \\fIname\\fR]',
    '.SH DESCRIPTION',
    'Isolates endpoints, manages suspicious objects, and shows what came of it.',
    'Every command says what it touches before it does, and has',
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
  '1    it failed otherwise',
  '2    the command line cannot be understood, something is missing, or a file cannot be used',
  '3    nothing matched',
  '4    the server refused',
  '5    network, TLS, or something else than the server answered',
  '6    \\-\\-wait took longer than \\-\\-timeout; the order stands',
  '7    the guard holds it for a second person',
  '130  ended by Ctrl\\-C',
  '141  nobody reads the output any more',
  '.fi',
  '.SH ENVIRONMENT',
  'CORDON_URL, CORDON_APPLICATION_ID, CORDON_API_KEY, CORDON_FINGERPRINT, CORDON_CA and CORDON_CONNECTION',
  'take the place of a kept connection; HTTPS_PROXY, NO_PROXY and NO_COLOR are obeyed.',
  '.SH FILES',
  '$XDG_CONFIG_HOME/cordon/profiles.json holds the connections, readable by its owner only.',
];

/** Pages are read as ASCII or as Latin-1, depending on who sets them: anything else is named by its code point. */
function roff(text: string): string {
  const escaped = text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
  return escaped.replaceAll(
    /\P{ASCII}/gu,
    (one) => `\\[u${one.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}]`,
  );
}

/** A line that begins with a dot or an apostrophe would be a request to roff. */
function line(text: string): string {
  return roff(text).replace(/^([.'])/, '\\&$1');
}
