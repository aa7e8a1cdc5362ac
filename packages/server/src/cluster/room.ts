/** Opens the cluster room. */
import type { Applications } from '../applications/applications.ts';
import type { Base } from '../base.ts';
import type { DesiredStates } from '../desired-state/desired-states.ts';
import type { Outbound } from '../gateway/outbound.ts';
import type { Groups } from '../groups/groups.ts';
import type { Live } from '../live/live.ts';
import type { Profiles } from '../profiles/profiles.ts';
import type { Room } from '../room.ts';
import type { SuspiciousObjects } from '../suspicious-objects/objects.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { ClusterBus } from './cluster-bus.ts';

export interface ClusterRoom extends Room {
  readonly cluster: ClusterBus;
}

export interface ClusterRoomDeps {
  readonly applications: Applications;
  readonly desiredStates: DesiredStates;
  readonly groups: Groups;
  readonly live: Live;
  readonly objects: SuspiciousObjects;
  readonly outbound: Outbound;
  readonly profiles: Profiles;
  readonly tasks: Tasks;
}

export function openCluster({ database, now }: Base, deps: ClusterRoomDeps): ClusterRoom {
  const cluster = new ClusterBus({
    database,
    now,
    outbound: deps.outbound,
    refresh: async () => {
      await deps.applications.refresh();
      await deps.profiles.refresh();
      await deps.groups.refresh();
    },
    desiredSince: (since) => deps.desiredStates.changedSince(since),
    tasksSince: (since) => deps.tasks.since(since),
    objectsRevision: () => deps.objects.revision(),
    takeLive: (topic) => deps.live.receive(topic),
  });
  return { cluster, start: () => cluster.start(), close: () => cluster.close() };
}
