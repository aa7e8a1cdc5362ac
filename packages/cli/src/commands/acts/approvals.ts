/** The commands about actions that the guard holds for approval. Cordon only. */
import type { ActOutcome, Approval } from '@cordon/protocol/console';
import type { ConsoleClient } from '@cordon/sdk';
import type { Command, Invocation } from '../../command/command.ts';
import { consoleClient } from '../../connection/connection.ts';
import { exitCodes, usage } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { counted, moment, printable } from '../../text/text.ts';
import { forPrograms, isWhole, missedText } from './console-act.ts';
import { targetTable } from '../selection/agent-table.ts';

const id = ['<id>', 'Its number in the list; separate several with commas.'] as const;

export const commands: readonly Command[] = [
  {
    name: 'approvals list',
    summary: 'List actions awaiting approval.',
    options: [['--all', 'Include decided and expired ones.']],
    example: 'cordon approvals list',
    run: list,
  },
  {
    name: 'approvals approve',
    summary: 'Approve an action; it runs now.',
    arguments: [id],
    example: 'cordon approvals approve 7,8,12',
    run: approve,
  },
  {
    name: 'approvals reject',
    summary: 'Reject an action; it does not run.',
    arguments: [id],
    example: 'cordon approvals reject 7',
    run: reject,
  },
];

const columns: readonly Column<Approval>[] = [
  { title: 'ID', cell: (approval) => String(approval.id) },
  { title: 'STATE', cell: stateOf, color: (approval) => (approval.state === 'pending' ? '33' : undefined) },
  { title: 'ACTION', cell: (approval) => approval.act },
  { title: 'AGENTS', cell: agentsOf, cut: true },
  { title: 'REQUESTED BY', cell: (approval) => approval.requestedBy, cut: true },
  { title: 'AT', cell: (approval) => moment(approval.requestedAt) },
  { title: 'EXPIRES', cell: (approval) => moment(approval.expiresAt), spare: true },
  { title: 'REASON', cell: (approval) => approval.reasons.map(({ message }) => message).join(' '), cut: true },
];

async function list(call: Invocation): Promise<void> {
  const all = await (await consoleClient(call)).approvals.list();
  const shown = call.flag('all') ? all : all.filter(({ state }) => state === 'pending');
  const hidden = all.length - shown.length;
  const more = hidden === 0 ? '' : `${hidden} decided or expired: cordon approvals list --all\n`;
  call.print(
    shown,
    (shown.length === 0 ? 'No actions await approval.\n' : table(columns, shown, call.world.out)) + more,
  );
}

async function approve(call: Invocation): Promise<ExitCode> {
  const client = await consoleClient(call);
  const done: { approved: number; outcome: ActOutcome }[] = [];
  const approvals = await foundBy(call, client);
  try {
    for (const approval of approvals) {
      call.say(`Approving ${approval.id}: ${messageOf(approval)}\n`);
      done.push({ approved: approval.id, outcome: await client.approvals.approve(approval.id) });
    }
  } finally {
    // A later failure must not hide what was approved before it.
    const forProgram = done.map(({ approved, outcome }) => Object.assign({ approved }, forPrograms(outcome)));
    printDone(call, forProgram, done.map(({ outcome }) => outcomeText(outcome, call)).join(''));
  }
  return done.every(({ outcome }) => isWhole(outcome)) ? exitCodes.done : exitCodes.partlyDone;
}

function outcomeText(outcome: ActOutcome, call: Invocation): string {
  const head = `Requested for ${counted(outcome.affected.length, 'agent')}:\n`;
  return head + targetTable(outcome.affected, call.world.out) + missedText(outcome);
}

async function reject(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const done: Approval[] = [];
  const approvals = await foundBy(call, client);
  try {
    for (const approval of approvals) {
      await client.approvals.reject(approval.id);
      done.push(approval);
    }
  } finally {
    const text = done.map((one) => `Rejected ${one.id}: ${messageOf(one)} It does not run.\n`).join('');
    const forProgram = done.map((one) => ({ rejected: one.id }));
    printDone(call, forProgram, text);
  }
}

/** One value for one approval, a list for several; nothing if the first one failed. */
function printDone(call: Invocation, done: readonly unknown[], text: string): void {
  if (done.length > 0) call.print(done.length === 1 ? done[0] : done, text);
}

/** Reads all named approvals before deciding any: a wrong number stops the command before anything is done. */
async function foundBy(call: Invocation, client: ConsoleClient): Promise<Approval[]> {
  const found: Approval[] = [];
  for (const number of numbersFrom(call)) found.push(await client.approvals.get(number));
  return found;
}

function numbersFrom(call: Invocation): number[] {
  const words = call.word('id').split(',');
  const wrong = words.find((word) => !/^[1-9]\d{0,14}$/.test(word));
  if (wrong === undefined) return [...new Set(words.map(Number))];
  throw usage(`"${wrong}" is not the number of an approval.`, 'Run "cordon approvals list".');
}

function stateOf({ state, decidedBy }: Approval): string {
  return decidedBy === null ? state : `${state} by ${decidedBy}`;
}

function agentsOf({ agents, hostNames }: Approval): string {
  const more = agents - hostNames.length;
  const names = `${hostNames.join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
  return agents === 1 ? names : `${agents}: ${names}`;
}

/** Includes the terms: an approver must see what they approve. */
function messageOf(approval: Approval): string {
  const terms = approval.terms === '' || approval.terms === '{}' ? '' : ` Terms: ${approval.terms}.`;
  const reason = approval.reason === '' ? '' : ` Reason: ${approval.reason}.`;
  return printable(`${approval.act} ${agentsOf(approval)}, requested by ${approval.requestedBy}.${terms}${reason}`);
}
