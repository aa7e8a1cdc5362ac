/** Which work a person may request of which agents, and how the audit names them. */
import type { TaskWork } from '@cordon/protocol/channel';
import type { Folders } from '../access/scope.ts';
import type { Addressee } from '../agents/rows.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';

const maxNamedInAudit = 20;

export function refuseUnfit(work: TaskWork, agents: number): void {
  if (agents === 0) {
    throw new ConsoleRefusal(
      404,
      'agents-none',
      'No agent matches, so no task was started. "cordon agents list" shows all.',
    );
  }
  if (work.kind === 'end-processes' && agents > 1) {
    const message = `${agents} agents match, and processes belong to one endpoint. Name the agent by entityId.`;
    throw new ConsoleRefusal(400, 'several-match', message);
  }
  if (work.kind === 'restore-files' && work.quarantine !== null && agents > 1) {
    const message = `${agents} agents match, and quarantined copies belong to one endpoint. Name the agent by entityId, or use POST /api/v1/quarantine/restore.`;
    throw new ConsoleRefusal(400, 'several-match', message);
  }
  if (work.kind === 'restore-files' && work.quarantine === null && work.object === null) {
    const message = 'Name the files by quarantine, or the object that they were quarantined for.';
    throw new ConsoleRefusal(400, 'parameter-invalid', message);
  }
}

export function targetOf(agents: readonly Addressee[], { whole, scope }: { whole: boolean; scope: Folders }): string {
  if (whole) return `all ${agents.length} agents${scope.length === 0 ? '' : ` of ${scope.join(', ')}`}`;
  const names = agents.slice(0, maxNamedInAudit).map((agent) => `${agent.entity_id} (${agent.host_name})`);
  const rest = agents.length - names.length;
  return rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(', ');
}
