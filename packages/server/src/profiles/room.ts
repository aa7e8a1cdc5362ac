/** Opens the room of the isolation profiles. */
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { DesiredStates } from '../desired-state/desired-states.ts';
import type { Room } from '../room.ts';
import { Profiles } from './profiles.ts';
import { profileRoutes } from './routes.ts';

export interface ProfilesRoom extends Room {
  readonly profiles: Profiles;
}

export function openProfiles(
  { database, now, publish }: Base,
  { audit, desiredStates }: { audit: Audit; desiredStates: DesiredStates },
): ProfilesRoom {
  const profiles = new Profiles({
    database,
    audit,
    now,
    publish,
    renewDesired: (tx, profile, at) => desiredStates.renewUnder(tx, profile, at),
  });
  return {
    profiles,
    routes: { console: (scope) => profileRoutes(scope, profiles) },
    start: () => profiles.refresh(),
  };
}
