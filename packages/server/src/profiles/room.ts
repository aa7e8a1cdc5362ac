/** Opens the room of the isolation profiles. */
import { renewDesiredUnder } from '../agents/wishes.ts';
import type { DesiredStateSeal } from '../agents/wish-seal.ts';
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { Room } from '../room.ts';
import { Profiles } from './profiles.ts';
import { profileRoutes } from './routes.ts';

export interface ProfilesRoom extends Room {
  readonly profiles: Profiles;
}

export function openProfiles(
  { database, now, publish }: Base,
  { audit, seal }: { audit: Audit; seal: DesiredStateSeal },
): ProfilesRoom {
  const profiles = new Profiles({
    database,
    audit,
    now,
    publish,
    renewDesired: (tx, profile, at) => renewDesiredUnder(tx, profile, { database, seal, now: at }),
  });
  return {
    profiles,
    routes: { console: (scope) => profileRoutes(scope, profiles) },
    start: () => profiles.refresh(),
  };
}
