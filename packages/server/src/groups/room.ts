/** Opens the room of the groups. */
import { renewDesiredIn } from '../agents/wishes.ts';
import type { DesiredStateSeal } from '../agents/wish-seal.ts';
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { Room } from '../room.ts';
import { GroupSeal } from './group-seal.ts';
import { Groups } from './groups.ts';
import { groupRoutes } from './routes.ts';

export interface GroupsRoom extends Room {
  readonly groups: Groups;
}

export function openGroups(
  { database, now, vault, publish }: Base,
  { audit, seal }: { audit: Audit; seal: DesiredStateSeal },
): GroupsRoom {
  const groups = new Groups({
    database,
    audit,
    now,
    publish,
    seal: new GroupSeal(vault),
    renewDesired: (tx, group, at) => renewDesiredIn(tx, group, { database, seal, now: at }),
  });
  return { groups, routes: { console: (scope) => groupRoutes(scope, groups) }, start: () => groups.start() };
}
