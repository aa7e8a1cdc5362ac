/** Prints one agent, and the receipt of its isolation. */
import { createHash, createPublicKey } from 'node:crypto';
import { openDocument } from '@cordon/protocol/channel';
import type { AgentDetails } from '@cordon/protocol/console';
import { readReport } from '@cordon/sdk/automation';
import type { AgentReport } from '@cordon/sdk';
import { counted, duration, moment, printable } from '../../text/text.ts';

type Row = readonly [string, string];

export function detailsText(details: AgentDetails, now: number): string {
  const reported = `${details.reported} at ${moment(details.reportedAt)} (epoch ${details.reportedEpoch})`;
  const receipt = receiptRows(details);
  return [
    rowsText([
      ['Host name', details.hostName],
      ['Entity ID', details.agent],
      ['Status', details.isolation],
      ['Desired', `${details.desired} (epoch ${details.epoch})`],
      ...termRows(details, now),
      ['Protected', details.protected ? 'yes: isolation needs approval' : 'no'],
      ['Reported', details.reportedAt === null ? 'nothing yet' : reported],
      ['Problem', details.problem ?? 'none'],
      ['Tampering', tamperingText(details)],
      ['Connection', `${details.online ? 'online' : 'offline'}, last seen ${moment(details.lastSeenAt)}`],
      ['Objects', `revision ${details.objectsRevision}`],
      ['Platform', details.platform],
      ['Agent', `${details.agentVersion}, enrolled ${moment(details.enrolledAt)}`],
    ]),
    receipt.length === 0 ? '' : `\nReceipt, from the agent's last signed report:\n${rowsText(receipt)}`,
  ].join('');
}

/** The last report without its signed text; null before the first. */
export function receiptOf({ report }: AgentDetails): Omit<AgentReport, 'signed'> | null {
  const read = readReport(report);
  if (read === undefined) return null;
  const { signed: _, ...receipt } = read;
  return receipt;
}

function termRows(details: AgentDetails, now: number): Row[] {
  const { deadline, profile, message } = details;
  if (details.desired !== 'isolated') return [];
  return [
    ['Ends', deadline === null ? 'until released' : `${moment(deadline)}, ${untilText(deadline - now)}`],
    ['Profile', profile ?? 'none: only the servers are reachable'],
    ...(message === null ? [] : ([['Message', message]] as const)),
  ];
}

function untilText(milliseconds: number): string {
  return milliseconds > 0 ? `in ${duration(milliseconds)}` : `passed ${duration(-milliseconds)} ago`;
}

function tamperingText({ tampering }: AgentDetails): string {
  if (tampering === null) return 'none';
  return `${counted(tampering.count, 'external change')} of its rules reverted, most recently ${moment(tampering.lastAt)}`;
}

/** Empty before the first report. */
function receiptRows({ report: text, publicKey }: AgentDetails): Row[] {
  const report = readReport(text);
  if (report === undefined) return [];
  const { proof, released, signed } = report;
  const proofRows: Row[] =
    proof === null
      ? [['Proof', 'none']]
      : [
          ['Ruleset', `SHA-256 ${proof.digest}`],
          ['Enforced', `${proof.level}: ${counted(proof.chains, 'chain')}, ${counted(proof.rules, 'rule')}`],
          ['Packets', `${proof.packetsAccepted} accepted, ${proof.packetsDropped} dropped`],
          ['Probes', proof.probes.map(({ probe, outcome }) => `${probe} ${outcome}`).join(', ') || 'none'],
        ];
  return [
    ['Isolation', `${report.isolation} at ${moment(report.at)} (epoch ${report.epoch})`],
    ...proofRows,
    ...(released === undefined ? [] : ([['Released', `by ${released.by} at ${moment(released.at)}`]] as const)),
    ['Report', `SHA-256 ${createHash('sha256').update(signed.document).digest('hex')}`],
    ['Signature', signatureText(signed, publicKey)],
  ];
}

/** Verified here again, under the key that the server has for this agent. */
function signatureText(signed: AgentReport['signed'], publicKey: string): string {
  try {
    openDocument(
      'report',
      signed,
      createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' }),
    );
  } catch {
    return 'INVALID for the key of this agent: do not trust this receipt';
  }
  const fingerprint = createHash('sha256').update(Buffer.from(publicKey, 'base64')).digest('hex');
  return `valid for the key of this agent, SHA-256 ${fingerprint}`;
}

function rowsText(rows: readonly Row[]): string {
  return rows.map(([name, value]) => `${name.padEnd(12)}${printable(value)}\n`).join('');
}
