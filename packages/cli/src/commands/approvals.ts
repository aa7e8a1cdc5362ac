/** The commands about acts that the guard holds until a second person decides. Only Cordon has them. */
import type { Approval } from '@cordon/protocol/console';
import type { ConsoleClient } from '@cordon/sdk';
import type { Command, Invocation } from '../command.ts';
import { consoleClient } from '../connection.ts';
import { CommandError, exitCodes, usage } from '../failure.ts';
import { table } from '../table.ts';
import type { Column } from '../table.ts';
import { counted, moment, printable } from '../text.ts';
import { forPrograms, leftOutText } from './agents/console-act.ts';
import { targetTable } from './agents/table.ts';

const id = ['<id>', 'Its number, as the list shows it.'] as const;

export const commands: readonly Command[] = [
  {
    name: 'approvals list',
    summary: 'List the acts that wait for a second person.',
    options: [['--all', 'Also those that are decided or expired.']],
    example: 'cordon approvals list',
    handler: list,
  },
  {
    name: 'approvals approve',
    summary: 'Agree to an act, and with that perform it.',
    arguments: [id],
    example: 'cordon approvals approve 7',
    handler: approve,
  },
  {
    name: 'approvals reject',
    summary: 'Reject an act; it is not performed.',
    arguments: [id],
    example: 'cordon approvals reject 7',
    handler: reject,
  },
];

const columns: readonly Column<Approval>[] = [
  { title: 'ID', cell: (approval) => String(approval.id) },
  { title: 'STATE', cell: stateOf, color: (approval) => (approval.state === 'pending' ? '33' : undefined) },
  { title: 'ACT', cell: (approval) => approval.act },
  { title: 'AGENTS', cell: agentsOf, cut: true },
  { title: 'ASKED FOR BY', cell: (approval) => approval.requestedBy, cut: true },
  { title: 'AT', cell: (approval) => moment(approval.requestedAt) },
  { title: 'EXPIRES', cell: (approval) => moment(approval.expiresAt) },
  { title: 'WHY', cell: (approval) => approval.reasons.map(({ sentence }) => sentence).join(' '), cut: true },
];

async function list(call: Invocation): Promise<void> {
  const all = await (await consoleClient(call)).approvals();
  const shown = call.flag('all') ? all : all.filter(({ state }) => state === 'pending');
  const hidden = all.length - shown.length;
  const more = hidden === 0 ? '' : `${hidden} decided or expired: cordon approvals list --all\n`;
  call.tell(shown, (shown.length === 0 ? 'Nothing waits.\n' : table(columns, shown, call.world.out)) + more);
}

async function approve(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const approval = await find(client, numberFrom(call));
  call.say(`Approving ${approval.id}: ${sentenceOf(approval)}\n`);
  const outcome = await client.approve(approval.id);
  const ordered = `Ordered for ${counted(outcome.affected.length, 'agent')}:\n`;
  call.tell(
    { approved: approval.id, ...forPrograms(outcome) },
    ordered + targetTable(outcome.affected, call.world.out) + leftOutText(outcome),
  );
}

async function reject(call: Invocation): Promise<void> {
  const client = await consoleClient(call);
  const approval = await find(client, numberFrom(call));
  await client.reject(approval.id);
  call.tell({ rejected: approval.id }, `Rejected ${approval.id}: ${sentenceOf(approval)} It is not performed.\n`);
}

async function find(client: ConsoleClient, number: number): Promise<Approval> {
  const found = (await client.approvals()).find((approval) => approval.id === number);
  if (found !== undefined) return found;
  const hint = 'Run "cordon approvals list --all".';
  throw new CommandError(exitCodes.nothingMatched, `There is no approval ${number} among the latest.`, hint);
}

function numberFrom(call: Invocation): number {
  const text = call.word('id');
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw usage(`"${text}" is not the number of an approval.`, 'Run "cordon approvals list".');
}

function stateOf({ state, decidedBy }: Approval): string {
  return decidedBy === null ? state : `${state} by ${decidedBy}`;
}

function agentsOf({ agents, hostNames }: Approval): string {
  const more = agents - hostNames.length;
  const names = `${hostNames.join(' ')}${more > 0 ? ` and ${more} more` : ''}`;
  return agents === 1 ? names : `${agents}: ${names}`;
}

/** With the terms: whoever agrees must see what to. */
function sentenceOf(approval: Approval): string {
  const terms = approval.terms === '' || approval.terms === '{}' ? '' : ` Terms: ${approval.terms}.`;
  const reason = approval.reason === '' ? '' : ` Reason: ${approval.reason}.`;
  return printable(`${approval.act} ${agentsOf(approval)}, asked for by ${approval.requestedBy}.${terms}${reason}`);
}
