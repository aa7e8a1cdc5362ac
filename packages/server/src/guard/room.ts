/** Opens the guard room. */
import type { Applications } from '../applications/applications.ts';
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { Room } from '../room.ts';
import { Guard } from './guard.ts';
import { guardRoutes } from './routes.ts';

export interface GuardRoom extends Room {
  readonly guard: Guard;
}

export function openGuard(
  { database, now }: Base,
  { audit, applications }: { audit: Audit; applications: Applications },
): GuardRoom {
  const guard = new Guard({ database, audit, now, keyHolders: (tx, id) => applications.keyHolders(tx, id) });
  return { guard, routes: { console: (scope) => guardRoutes(scope, guard) } };
}
