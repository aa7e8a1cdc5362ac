/** Opens the room of the accounts. */
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { Room } from '../room.ts';
import { accountRoutes } from './account-routes.ts';
import { makePeople } from './people.ts';
import type { People } from './people.ts';
import { ownAccountRoutes, signInRoute } from './routes.ts';

export interface AccountsRoom extends Room, People {}

export function openAccounts(
  { config, database, passwordCost, vault, now, publish }: Base,
  audit: Audit,
): AccountsRoom {
  const people = makePeople({
    database,
    audit,
    vault,
    now,
    passwordCost,
    idleMilliseconds: config.idleMinutes * 60_000,
    ended: () => publish({ kind: 'sessions-ended' }),
  });
  return {
    ...people,
    routes: {
      signIn: (scope) => signInRoute(scope, people),
      console: (scope) => {
        ownAccountRoutes(scope, people);
        accountRoutes(scope, people.accounts);
      },
    },
  };
}
