/** Opens the room of the applications. */
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { Room } from '../room.ts';
import { Applications } from './applications.ts';
import { applicationRoutes } from './routes.ts';

export interface ApplicationsRoom extends Room {
  readonly applications: Applications;
}

export function openApplications({ database, sealer, now }: Base, audit: Audit): ApplicationsRoom {
  const applications = new Applications({ database, sealer, audit, now });
  return {
    applications,
    routes: { console: (scope) => applicationRoutes(scope, applications) },
    start: () => applications.refresh(),
    close: () => applications.close(),
  };
}
