/** The room of accounts, put together: what others need of it. */
import { Accounts } from './accounts.ts';
import { OwnAccount } from './own-account.ts';
import type { ProofsParts } from './proofs.ts';
import { Proofs } from './proofs.ts';
import { Sessions } from './sessions.ts';
import type { SessionsParts } from './sessions.ts';

export interface People {
  readonly accounts: Accounts;
  readonly own: OwnAccount;
  readonly sessions: Sessions;
}

export function makePeople(parts: ProofsParts & Pick<SessionsParts, 'idleMilliseconds' | 'ended'>): People {
  const sessions = new Sessions(parts);
  const own = new OwnAccount({ ...parts, sessions, proofs: new Proofs(parts) });
  return { accounts: new Accounts({ ...parts, sessions }), own, sessions };
}
