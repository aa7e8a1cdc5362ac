/** Builds the use cases of accounts and sign-in, for other rooms. */
import { Accounts } from '../accounts/accounts.ts';
import { OwnAccount } from './own-account.ts';
import type { CredentialsDeps } from './credentials.ts';
import { Credentials } from './credentials.ts';
import { Sessions } from './sessions.ts';
import type { SessionsDeps } from './sessions.ts';

export interface AccountModule {
  readonly accounts: Accounts;
  readonly own: OwnAccount;
  readonly sessions: Sessions;
}

export function makeAccountModule(
  deps: CredentialsDeps & Pick<SessionsDeps, 'idleMilliseconds' | 'ended'>,
): AccountModule {
  const sessions = new Sessions(deps);
  const own = new OwnAccount({ ...deps, sessions, credentials: new Credentials(deps) });
  return { accounts: new Accounts({ ...deps, sessions }), own, sessions };
}
