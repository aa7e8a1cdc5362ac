/** The cordon-agent command: finds the subcommand, runs it, and returns its exit code. */
import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { entryPoint } from './entry.ts';
import { exitCode } from './exit.ts';
import { logOf } from './log.ts';
import { Refusal } from './refusal.ts';
import { messageOf } from './message-of.ts';
import { stopSignal } from './stop.ts';
import type { AgentProcess } from './supervisor/supervisor.ts';
import { agentVersion } from './version.ts';

interface Arguments {
  readonly token: string | undefined;
  readonly flags: ReadonlySet<string>;
  readonly code: string | undefined;
}

interface Command {
  readonly usage: string;
  readonly summary: string;
  readonly flags: readonly string[];
  readonly run: (given: Arguments) => Promise<number>;
  /** Takes --code. */
  readonly code?: true;
  /** Not for people. */
  readonly hidden?: true;
  /** Another name that works too. */
  readonly alias?: string;
}

/** Each process loads its own folders only: no network code is ever in the memory of the enforcer. */
const commands: Readonly<Record<string, Command>> = {
  enrol: {
    usage: 'enrol [--replace] <token>',
    summary: 'Enrols this endpoint with a Cordon server. "-" reads the token from standard input.',
    flags: ['replace'],
    run: runEnrol,
  },
  run: {
    usage: 'run [--with-parent]',
    summary: 'Runs all processes of the agent in the foreground, and restarts those that die.',
    flags: ['with-parent'],
    run: async ({ flags }) => {
      const { Supervisor } = await import('./supervisor/supervisor.ts');
      const log = logOf('supervisor', Date.now);
      const supervisor = new Supervisor(entryPoint(), await processesToRun(process.env), log);
      const code = await supervisor.run(stopFor(flags));
      if (supervisor.uninstalled) await removeState(process.env);
      return code;
    },
  },
  enforcer: {
    usage: 'enforcer [--with-parent]',
    summary: 'Runs the enforcer, which holds the isolation (root, no network).',
    flags: ['with-parent'],
    run: async ({ flags }) => (await import('./enforcer/run.ts')).runEnforcer(process.env, stopFor(flags)),
  },
  link: {
    usage: 'link [--with-parent]',
    summary: 'Runs link, which talks to the server (no privileges).',
    flags: ['with-parent'],
    run: async ({ flags }) => (await import('./link/run.ts')).runLink(process.env, stopFor(flags)),
  },
  'on-access': {
    usage: 'on-access [--with-parent]',
    summary: 'Runs on-access, which decides about opening files (root, no network).',
    flags: ['with-parent'],
    run: async ({ flags }) => (await import('./on-access/run.ts')).runOnAccess(process.env, stopFor(flags)),
    hidden: true,
  },
  scanner: {
    usage: 'scanner [--with-parent]',
    summary: 'Runs the scanner, which sweeps and quarantines files (root, no network).',
    flags: ['with-parent'],
    run: async ({ flags }) => (await import('./scanner/run.ts')).runScanner(process.env, stopFor(flags)),
    hidden: true,
  },
  watchdog: {
    usage: 'watchdog <milliseconds>',
    summary: 'Kills on-access when it no longer answers.',
    flags: [],
    run: async ({ token: limit }) => (await import('./on-access/watchdog/watchdog.ts')).runWatchdog(Number(limit ?? 0)),
    hidden: true,
  },
  release: {
    usage: 'release --code XXXX-XXXX-XXXX',
    summary: 'Releases this endpoint with its break-glass code: as root, without server or network.',
    alias: 'restore',
    flags: [],
    code: true,
    run: runRelease,
  },
  status: {
    usage: 'status [--json]',
    summary: 'Shows the desired state of this endpoint, and what the kernel enforces.',
    flags: ['json'],
    run: runStatus,
  },
  'enrol-request': {
    usage: 'enrol-request',
    summary: 'Sends the request of enrol, without privileges.',
    flags: [],
    run: async () => (await import('./link/enrolment/child.ts')).answerParent(process.env),
    hidden: true,
  },
};

/** Runs one command line; the answer is the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name = '--help', ...rest] = argv;
  if (name === '--help' || name === '-h' || name === 'help') return print(help());
  if (name === '--version') return print(`cordon-agent ${agentVersion()}\n`);
  const command = commandNamed(name);
  if (!command) return complain(`There is no command "${name}". See: cordon-agent --help`);
  try {
    const given = argumentsOf(command, rest);
    if (given.flags.has('help')) return print(`Usage: cordon-agent ${command.usage}\n\n${command.summary}\n`);
    return await command.run(given);
  } catch (error) {
    if (error instanceof Refusal || isUsage(error)) return complain(messageOf(error));
    return complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

async function runEnrol({ token, flags }: Arguments): Promise<number> {
  if (token === undefined) throw new Refusal('The enrolment token is missing. Usage: cordon-agent enrol <token>');
  const { enrol } = await import('./commands/enrol.ts');
  const given = token === '-' ? await fromStandardInput() : token;
  const enrolled = await enrol(given, { replace: flags.has('replace') }, process.env);
  const ability = enrolled.canIsolate ? 'It can isolate itself.' : `It cannot isolate itself: ${enrolled.unable}`;
  return print(
    `Enrolled as agent ${enrolled.agent}; state in ${enrolled.folder}.\n${ability}\nStart it with: systemctl enable --now cordon-agent.target (or: cordon-agent run)\n`,
  );
}

async function runRelease({ code }: Arguments): Promise<number> {
  if (code === undefined) throw new Refusal('The code is missing. Usage: cordon-agent release --code XXXX-XXXX-XXXX');
  const { releaseByCode } = await import('./commands/release.ts');
  const { done, message } = await releaseByCode(code === '-' ? await fromStandardInput() : code, process.env);
  return done ? print(`${message}\n`) : complain(message);
}

async function runStatus({ flags }: Arguments): Promise<number> {
  const { statusNow, statusText } = await import('./commands/status.ts');
  const status = await statusNow(process.env);
  return print(`${flags.has('json') ? JSON.stringify(status) : statusText(status)}\n`);
}

/** Again: a process that was restarted at that moment may have written its files once more. */
async function removeState(environment: NodeJS.ProcessEnv): Promise<void> {
  const [{ State }, { stateFolder }] = await Promise.all([
    import('./enforcer/state/state.ts'),
    import('./ipc/paths.ts'),
  ]);
  new State(stateFolder(environment)).remove();
}

function argumentsOf(command: Command, rest: readonly string[]): Arguments {
  const names = [...command.flags, 'help'];
  const flags: ParseArgsOptionsConfig = Object.fromEntries(names.map((name) => [name, { type: 'boolean' }]));
  const { values, positionals } = parseArgs({
    args: [...rest],
    options: command.code ? { ...flags, code: { type: 'string' } } : flags,
    allowPositionals: command.usage.includes('<'),
  });
  const code = values['code'];
  if (positionals.length > 1) throw new Refusal(`One argument too many. Usage: cordon-agent ${command.usage}`);
  return {
    token: positionals[0],
    flags: new Set(names.filter((name) => values[name] === true)),
    code: typeof code === 'string' ? code.trim() : undefined,
  };
}

function commandNamed(name: string): Command | undefined {
  const own = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return own ?? Object.values(commands).find(({ alias }) => alias === name);
}

function help(): string {
  const listed = Object.values(commands).filter((command) => command.hidden !== true);
  const lines = listed.map((command) => `  ${command.usage.padEnd(32)}${command.summary}`);
  return `Usage: cordon-agent <command>\n\n${lines.join('\n')}\n\nExit codes: ${exitCode.uninstalled} uninstalled, ${exitCode.notEnrolled} not enrolled.\n`;
}

async function fromStandardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** A simulated endpoint enforces nothing, so it needs no workers for files. */
async function processesToRun(environment: NodeJS.ProcessEnv): Promise<AgentProcess[]> {
  const { isSimulated } = await import('./ipc/paths.ts');
  return isSimulated(environment) ? ['enforcer', 'link'] : ['enforcer', 'link', 'on-access', 'scanner'];
}

function stopFor(flags: ReadonlySet<string>): AbortSignal {
  return stopSignal({ withParent: flags.has('with-parent') });
}

function isUsage(error: unknown): boolean {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function complain(message: string): number {
  process.stderr.write(`${message}\n`);
  return exitCode.failed;
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
