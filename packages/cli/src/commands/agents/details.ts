/** The page about one agent. */
import type { AgentDetails } from '@cordon/protocol/console';
import { moment, printable } from '../../text.ts';

export function detailsText(details: AgentDetails): string {
  const reported = `${details.reported} at ${moment(details.reportedAt)} (epoch ${details.reportedEpoch})`;
  const rows: [string, string][] = [
    ['Host name', details.hostName],
    ['Entity ID', details.agent],
    ['Status', details.isolation],
    ['Wanted', `${details.wanted} (epoch ${details.epoch})`],
    ['Reported', details.reportedAt === null ? 'nothing yet' : reported],
    ['Problem', details.problem ?? 'none'],
    ['Connection', `${details.online ? 'online' : 'offline'}, last seen ${moment(details.lastSeenAt)}`],
    ['Objects', `revision ${details.objectsRevision}`],
    ['Platform', details.platform],
    ['Agent', `${details.agentVersion}, enrolled ${moment(details.enrolledAt)}`],
  ];
  return rows.map(([name, value]) => `${name.padEnd(12)}${printable(value)}\n`).join('');
}
