/** The list of subscribers of each event. */
import type { ClusterBus } from '../cluster/cluster-bus.ts';
import type { Outbound } from '../gateway/outbound.ts';
import type { Metrics } from '../http/metrics.ts';
import type { Live } from '../live/live.ts';
import type { Overview } from '../overview/overview.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { Subscribers } from './events.ts';

export interface SubscribersDeps {
  readonly outbound: Outbound;
  readonly cluster: ClusterBus;
  readonly live: Live;
  readonly metrics: Metrics;
  readonly overview: Overview;
  readonly tasks: Tasks;
}

/**
 * One line per subscriber. Webhooks and syslog are not here: what they must not miss is written inside the transaction
 * (delivery/record-event.ts).
 */
export function subscribers({ outbound, cluster, live, metrics, overview, tasks }: SubscribersDeps): Subscribers {
  return {
    'desired-changed': [
      ({ desired }) => attempt(outbound.sendDesired(desired)),
      ({ desired }) => cluster.notifyAgents(desired.map((one) => one.number)),
      ({ desired }) =>
        live.publish(
          'agents',
          desired.map((one) => one.entity_id),
        ),
    ],
    'desired-renewed': [
      ({ agents }) => attempt(outbound.sendDesiredOf(agents)),
      ({ agents }) => cluster.notifyAgents(agents),
    ],
    'acts-changed': [
      ({ agents }) => live.publish('commands', agents),
      ({ agents }) => live.publish('approvals', agents),
    ],
    'connection-changed': [({ agent }) => live.publish('agents', [agent])],
    'report-recorded': [
      ({ isolatedAfterMs }) => metrics.isolated(isolatedAfterMs),
      ({ agent, isolatedAfterMs }) => overview.isolated(agent.number, isolatedAfterMs),
      ({ agent }) => live.publish('agents', [agent.entityId]),
      ({ agent }) => live.publish('commands', [agent.entityId]),
    ],
    'detections-recorded': [
      ({ records }) => metrics.detected(records),
      ({ records }) =>
        live.publish(
          'detections',
          records.map((record) => record.agent),
        ),
    ],
    'objects-changed': [
      ({ revision }) => attempt(outbound.announceObjects(revision)),
      () => cluster.notifyObjects(),
      () => live.publish('objects'),
    ],
    'task-changed': [
      ({ task }) => attempt(outbound.sendTask(task)),
      ({ task }) => cluster.notifyTask(task),
      ({ task }) => live.publishOf('tasks', () => tasks.agentIds(task)),
    ],
    'task-progressed': [({ agent }) => live.publish('tasks', [agent])],
    'sessions-ended': [() => live.sessionsEnded()],
  };
}

function attempt(sending: Promise<void>): void {
  // The agent's next hello makes up for it.
  sending.catch((error: unknown) => process.emitWarning(`Agents could not be notified: ${String(error)}`));
}
