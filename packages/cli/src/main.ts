/** The cordon command: parses the command line, runs one command, and returns its exit code. */
import { Command as Commander, CommanderError } from 'commander';
import { catalogue, everyGroup, loadGroup } from './catalogue.ts';
import { Invocation, addTo, wordOf } from './command/command.ts';
import type { Group } from './command/command.ts';
import { CommandError, exitCodeOf, exitCodes, failureJson, failureText } from './command/failure.ts';
import type { ExitCode } from './command/failure.ts';
import { OutputFailure } from './world/output-failure.ts';
import { processWorld } from './process-world.ts';
import { ownVersion } from './world/own-version.ts';
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
  let group: Group | undefined;
  try {
    group = await loadGroup(world.args.find((word) => catalogue.some(({ name }) => name === word)));
    const program = programFor(world, group, async (command, reading) => {
      ended = (await command.run(new Invocation(world, reading, everyGroup))) ?? exitCodes.done;
    });
    await program.parseAsync([...world.args], { from: 'user' });
    return ended;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.done;
    // A consequence of the closed output is no failure of its own.
    if (world.signal.reason instanceof OutputFailure) return exitCodeOf(world.signal.reason);
    // Commander has already shown the help.
    if (error instanceof CommanderError && error.code === 'commander.help') return exitCodes.usage;
    const failure = error instanceof CommanderError ? misread(error, group, world.args) : error;
    world.err.write(world.args.includes('--json') ? failureJson(failure) : failureText(failure));
    return exitCodeOf(failure);
  }
}

function programFor(world: World, called: Group | undefined, act: Parameters<typeof addTo>[2]): Commander {
  const program = new Commander('cordon')
    .description('Contain endpoints through a Cordon server, or through Apex Central.')
    .helpCommand(false)
    .option('--version', 'Print the version.')
    .on('option:version', () => {
      world.out.write(`${ownVersion()}\n`);
      throw new CommanderError(0, 'commander.version', '');
    })
    // Options after a command's name belong to that command, even if its group has the same ones.
    .enablePositionalOptions()
    .addHelpText('after', '\nRun "cordon <command> --help" for the options and an example of a command.');
  configure(program, world);
  for (const { name, summary } of catalogue) {
    const commands = called?.name === name ? called.commands : [];
    const own = commands.find((command) => wordOf(command) === undefined);
    const parent = own === undefined ? program.command(name).description(summary) : addTo(program, own, act);
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

function misread(error: CommanderError, group: Group | undefined, args: readonly string[]): CommandError {
  const problem = error.message.replace(/^error: /, '').replace(/^./, (letter) => letter.toUpperCase());
  const message = problem.replaceAll(/\s*\n\s*/g, ' ').replace(/([^.?)])$/, '$1.');
  const called = calledWords(group, args).map((word) => `${word} `);
  return new CommandError(exitCodes.usage, message, `Run "cordon ${called.join('')}--help".`);
}

/** `agents list`: the words of a command that were recognised. */
function calledWords(group: Group | undefined, args: readonly string[]): string[] {
  if (group === undefined) return [];
  const word = args[args.indexOf(group.name) + 1] ?? '';
  const isKnown = group.commands.some(
    (command) => wordOf(command) === word || command.aliases?.includes(word) === true,
  );
  return isKnown ? [group.name, word] : [group.name];
}
