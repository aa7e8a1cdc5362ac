/** Opens the room of the accounts. */
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { Room } from '../room.ts';
import { accountRoutes } from '../accounts/routes.ts';
import { makeAccountModule } from './account-module.ts';
import type { AccountModule } from './account-module.ts';
import { ownAccountRoutes, signInRoute } from './routes.ts';

export interface AccountsRoom extends Room, AccountModule {}

export function openAccounts(
  { config, database, passwordCost, sealer, now, publish }: Base,
  audit: Audit,
): AccountsRoom {
  const module = makeAccountModule({
    database,
    audit,
    sealer,
    now,
    passwordCost,
    idleMilliseconds: config.idleMinutes * 60_000,
    ended: () => publish({ kind: 'sessions-ended' }),
  });
  return {
    ...module,
    routes: {
      signIn: (scope) => signInRoute(scope, module),
      console: (scope) => {
        ownAccountRoutes(scope, module);
        accountRoutes(scope, module.accounts);
      },
    },
  };
}
