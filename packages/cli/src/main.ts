/** The cordon command: reads the command line, runs one command, and turns its end into an exit code. */
import { Command as Commander, CommanderError } from 'commander';
import { catalogue } from './catalogue.ts';
import { Invocation, addTo } from './command.ts';
import type { Reading } from './command.ts';
import { CommandError, exitCodeOf, exitCodes, failureJson, failureText } from './failure.ts';
import type { ExitCode } from './failure.ts';
import { OutputFailure } from './output-failure.ts';
import { processWorld } from './process-world.ts';
import type { World } from './world.ts';

export async function start(): Promise<number> {
  const { world, settled } = processWorld();
  const ended = await run(world);
  await settled();
  const { reason } = world.signal;
  return reason instanceof OutputFailure ? endedBy(reason, world) : ended;
}

/** A full disk is told where there is still somebody to tell; a reader that has left wants to hear nothing. */
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
    // What the end of the output has brought about is no failure of its own.
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
    // What follows a command's name is that command's, also where its group has options of the same name.
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
    // Failures are told in one place, in text or in JSON.
    outputError: () => {},
    getOutHelpWidth: () => (world.out.isTerminal ? world.out.columns : 100),
    getErrHelpWidth: () => (world.err.isTerminal ? world.err.columns : 100),
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
}

/** Undefined where commander has shown the help already. */
function misread(error: CommanderError, world: World): CommandError | undefined {
  if (error.code === 'commander.help') return undefined;
  const said = error.message.replace(/^error: /, '').replace(/^./, (letter) => letter.toUpperCase());
  const message = said.replaceAll(/\s*\n\s*/g, ' ').replace(/([^.?)])$/, '$1.');
  return new CommandError(exitCodes.usage, message, `Run "cordon ${calledWords(error, world)}--help".`);
}

/** `agents list `: as far as the words were understood. */
function calledWords(error: CommanderError, world: World): string {
  const at = world.args.findIndex((word) => catalogue.some(({ name }) => name === word));
  const [group, command] = at < 0 ? [] : world.args.slice(at);
  const understood = error.code !== 'commander.unknownCommand' && command?.startsWith('-') === false;
  const isGroup = group !== undefined && !['login', 'logout', 'enrol-token'].includes(group);
  // "audit" is a command and a group: a word too many is no command of it.
  const isWord = isGroup && !(group === 'audit' && error.code === 'commander.excessArguments');
  return [group, understood && isWord ? command : undefined]
    .map((word) => (word === undefined ? '' : `${word} `))
    .join('');
}
