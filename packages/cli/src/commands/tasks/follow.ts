/** Starts a task and follows it: a bar on a terminal, a line per tenth elsewhere. */
import type { AddTask, FleetTask, TaskDetails } from '@cordon/protocol/console';
import type { ConsoleClient } from '@cordon/sdk';
import type { Invocation, Option } from '../../command/command.ts';
import { CommandError, exitCodes } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { timeoutFrom } from '../../command/timeout.ts';
import { printable } from '../../text/text.ts';
import { summaryOf } from './task-text.ts';

export const waitOptions: readonly Option[] = [
  ['--background', 'Do not wait; "cordon tasks show" shows progress.'],
  ['--timeout <time>', 'How long to wait: 90s, 5m (default 5m). The task continues.'],
];

const lookEveryMs = 400;
const barWidth = 24;

/** Starts a task. Returns its last state: finished on every online agent, or as far as it was at the timeout. */
export async function startAndFollow(call: Invocation, client: ConsoleClient, body: AddTask): Promise<TaskDetails> {
  const { id, agents } = await client.tasks.add(body);
  if (agents === 0) {
    throw new CommandError(exitCodes.nothingMatched, 'No agents match.', 'Run "cordon agents list".');
  }
  if (call.flag('background')) return client.tasks.get(id);
  const deadline = call.world.now() + timeoutFrom(call) * 1000;
  const view = viewOf(call);
  try {
    for (;;) {
      const details = await client.tasks.get(id);
      view.show(details.task);
      if (isOver(details) || call.world.now() >= deadline) return details;
      await pause(call.world.signal);
    }
  } finally {
    view.end();
  }
}

/** An offline endpoint gets the task when it returns; this does not wait for it. */
export function isOver({ task, agents }: TaskDetails): boolean {
  if (task.state !== 'running') return true;
  const unfinished = agents.filter(({ progress }) => progress === null || progress.state === 'running');
  return agents.length === task.agents && unfinished.every(({ online }) => !online);
}

/** Prints the task. Done only when every agent is: some may have failed, need longer, or be offline. */
export function finishTask(call: Invocation, details: TaskDetails): ExitCode {
  call.print(details, summaryOf(details, call.world.out));
  const { failed, done, agents } = details.task;
  if (failed > 0) return exitCodes.failed;
  if (done === agents || call.flag('background')) return exitCodes.done;
  return isOver(details) ? exitCodes.partlyDone : exitCodes.timedOut;
}

interface View {
  readonly show: (task: FleetTask) => void;
  readonly end: () => void;
}

function viewOf(call: Invocation): View {
  const { err } = call.world;
  if (call.json) return { show: () => {}, end: () => {} };
  let shown = '';
  if (err.isTerminal) {
    return {
      show: (task) => err.write(`\r\u001b[K${`${bar(task)} ${line(task)}`.slice(0, Math.max(1, err.columns - 1))}`),
      end: () => err.write('\r\u001b[K'),
    };
  }
  return {
    show: (task) => {
      const tenth = Math.floor(((task.done + task.failed) / task.agents) * 10);
      if (String(tenth) !== shown) err.write(`${line(task)}\n`);
      shown = String(tenth);
    },
    end: () => {},
  };
}

function line(task: FleetTask): string {
  const ended = `${task.done + task.failed} of ${task.agents} agents`;
  return `${printable(task.kind)}: ${ended}, ${task.files} files, ${task.found} found`;
}

function bar({ done, failed, agents }: FleetTask): string {
  const full = Math.round(((done + failed) / Math.max(1, agents)) * barWidth);
  return `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}]`;
}

async function pause(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      reject(
        new CommandError(exitCodes.interrupted, 'Stopped waiting; the task continues.', 'See "cordon tasks list".'),
      );
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve();
    }, lookEveryMs);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
