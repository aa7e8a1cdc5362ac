/** Opens the groups room. */
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { DesiredStates } from '../desired-state/desired-states.ts';
import type { Room } from '../room.ts';
import { GroupMoves } from './group-moves.ts';
import { GroupSeal } from './group-seal.ts';
import { Groups } from './groups.ts';
import { groupRoutes } from './routes.ts';

export interface GroupsRoom extends Room {
  readonly groups: Groups;
  readonly moves: GroupMoves;
}

export function openGroups(
  { database, now, sealer, publish }: Base,
  { audit, desiredStates }: { audit: Audit; desiredStates: DesiredStates },
): GroupsRoom {
  const groups = new Groups({
    database,
    audit,
    now,
    publish,
    seal: new GroupSeal(sealer),
    renewDesired: (tx, group, at) => desiredStates.renewIn(tx, group, at),
  });
  const moves = new GroupMoves({ database, audit, now, publish, desiredStates, groups });
  return { groups, moves, routes: { console: (scope) => groupRoutes(scope, groups) }, start: () => groups.start() };
}
