/** Opens the enrolment room. */
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { DesiredStates } from '../desired-state/desired-states.ts';
import type { Installation } from '../installation/room.ts';
import type { Room } from '../room.ts';
import type { Servers } from '../servers/servers.ts';
import { Arrival } from './arrival.ts';
import { enrolmentTokenRoute } from './routes.ts';

export interface EnrolmentRoom extends Room {
  readonly arrival: Arrival;
}

export function openEnrolment(
  base: Base,
  {
    audit,
    desiredStates,
    installation,
    servers,
  }: { audit: Audit; desiredStates: DesiredStates; installation: Installation; servers: Servers },
): EnrolmentRoom {
  const { config, database, key, now, pins, serverId: home } = base;
  const tokens = {
    database,
    audit,
    now,
    gateways: () => [...config.advertise, ...servers.otherGateways()],
    publicKeyPins: () => pins.all,
    signingKey: key.publicKey,
    installLine: installation.line,
  };
  return {
    arrival: new Arrival({ database, audit, now, home, desiredStates }),
    routes: { console: (scope) => enrolmentTokenRoute(scope, tokens) },
  };
}
