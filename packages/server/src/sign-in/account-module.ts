/** The room of accounts, put together: what others need of it. */
import { Accounts } from '../accounts/accounts.ts';
import { OwnAccount } from './own-account.ts';
import type { ProofsDeps } from './credentials.ts';
import { Proofs } from './credentials.ts';
import { Sessions } from './sessions.ts';
import type { SessionsDeps } from './sessions.ts';

export interface People {
  readonly accounts: Accounts;
  readonly own: OwnAccount;
  readonly sessions: Sessions;
}

export function makePeople(deps: ProofsDeps & Pick<SessionsDeps, 'idleMilliseconds' | 'ended'>): People {
  const sessions = new Sessions(deps);
  const own = new OwnAccount({ ...deps, sessions, proofs: new Proofs(deps) });
  return { accounts: new Accounts({ ...deps, sessions }), own, sessions };
}
