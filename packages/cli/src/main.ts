/** The cordon command: parses the command line, runs one command, and returns its exit code. */
import { Command as Commander, CommanderError } from 'commander';
import { catalogue } from './catalogue.ts';
import { Invocation, addTo } from './command/command.ts';
import type { Reading } from './command/command.ts';
import { CommandError, exitCodeOf, exitCodes, failureJson, failureText } from './command/failure.ts';
import type { ExitCode } from './command/failure.ts';
import { OutputFailure } from './world/output-failure.ts';
import { processWorld } from './process-world.ts';
import type { World } from './world/world.ts';

export async function start(): Promise<number> {
  const { world, settled } = processWorld();
  const ended = await run(world);
  await settled();
  const { reason } = world.signal;
  return reason instanceof OutputFailure ? endedBy(reason, world) : ended;
}

/** A full disk is reported on standard error if possible; a closed reader needs no message. */
function endedBy(failure: OutputFailure, world: World): ExitCode {
  if (!failure.readerLeft) world.err.write(failureText(failure));
  return exitCodeOf(failure);
}

/** Never rejects. */
export async function run(world: World): Promise<ExitCode> {
  let ended: ExitCode = exitCodes.done;
  try {
    const program = await programFor(world, async ({ command, ...read }) => {
      ended = (await command.handler(new Invocation(world, read))) ?? exitCodes.done;
    });
    await program.parseAsync([...world.args], { from: 'user' });
    return ended;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    // A consequence of the closed output is no failure of its own.
    if (world.signal.reason instanceof OutputFailure) return exitCodeOf(world.signal.reason);
    const failure = error instanceof CommanderError ? misread(error, world) : error;
    if (failure !== undefined)
      world.err.write(world.args.includes('--json') ? failureJson(failure) : failureText(failure));
    return failure === undefined ? exitCodes.usage : exitCodeOf(failure);
  }
}

async function programFor(world: World, act: (reading: Reading) => Promise<void>): Promise<Commander> {
  const program = new Commander('cordon')
    .description('Contain endpoints through a Cordon server, or through Apex Central.')
    .helpCommand(false)
    // Options after a command's name belong to that command, even if its group has the same ones.
    .enablePositionalOptions()
    .addHelpText('after', '\nRun "cordon <command> --help" for the options and an example of a command.');
  configure(program, world);
  const called = world.args.find((word) => catalogue.some(({ name }) => name === word));
  for (const group of catalogue) {
    const commands = group.name === called ? (await group.load()).commands : [];
    const own = commands.find(({ name }) => name === group.name);
    const parent =
      own === undefined ? program.command(group.name).description(group.summary) : addTo(program, own, act);
    parent.helpCommand(false).enablePositionalOptions();
    for (const command of commands) if (command !== own) addTo(parent, command, act);
  }
  return program;
}

/** Children inherit this, so it comes before they are added. */
function configure(program: Commander, world: World): void {
  program.exitOverride().configureOutput({
    writeOut: (text) => {
      world.out.write(text);
    },
    writeErr: (text) => {
      world.err.write(text);
    },
    // Failures are printed in one place, as text or JSON.
    outputError: () => {},
    getOutHelpWidth: () => (world.out.isTerminal ? world.out.columns : 100),
    getErrHelpWidth: () => (world.err.isTerminal ? world.err.columns : 100),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
}

/** Undefined if commander has already shown the help. */
function misread(error: CommanderError, world: World): CommandError | undefined {
  if (error.code === 'commander.help') return undefined;
  const said = error.message.replace(/^error: /, '').replace(/^./, (letter) => letter.toUpperCase());
  const message = said.replaceAll(/\s*\n\s*/g, ' ').replace(/([^.?)])$/, '$1.');
  return new CommandError(exitCodes.usage, message, `Run "cordon ${calledWords(error, world)}--help".`);
}

/** `agents list `: the words recognised so far. */
function calledWords(error: CommanderError, world: World): string {
  const at = world.args.findIndex((word) => catalogue.some(({ name }) => name === word));
  const [group, command] = at < 0 ? [] : world.args.slice(at);
  const understood = error.code !== 'commander.unknownCommand' && command?.startsWith('-') === false;
  const isGroup = group !== undefined && !['login', 'logout', 'enrol-token'].includes(group);
  // "audit" is both a command and a group, so an extra word must be refused.
  const isWord = isGroup && !(group === 'audit' && error.code === 'commander.excessArguments');
  return [group, understood && isWord ? command : undefined]
    .map((word) => (word === undefined ? '' : `${word} `))
    .join('');
}
