/** The dependencies of the enforcer: everything it reads, writes, requests or sends to. */
import type { IsolationKernel } from './isolation/isolation-kernel.ts';
import type { Log } from '../log.ts';
import type { ToLink } from '../ipc/link-messages.ts';
import type { ChangeHistory } from './desired-state/change-history.ts';
import type { ObjectList } from './objects/object-list.ts';
import type { ObjectEnforcement } from './objects/object-enforcement.ts';
import type { UserNotices } from './notices/user-notice.ts';
import type { Identity, State } from './state/state.ts';

export interface EnforcerDeps {
  readonly identity: Identity;
  readonly state: State;
  readonly objects: ObjectList;
  /** Enforces those objects. */
  readonly objectEnforcement: Pick<
    ObjectEnforcement,
    'follow' | 'listChanged' | 'connected' | 'handle' | 'reportedStatus'
  >;
  readonly enforcement: IsolationKernel;
  readonly changes: ChangeHistory;
  readonly notices: UserNotices;
  readonly isProtected: () => boolean;
  readonly now: () => number;
  readonly log: Log;
  /** To link, if it is connected. */
  readonly send: (message: ToLink) => void;
  /** The agent is uninstalled: state removed, nothing left to do. */
  readonly uninstalled: () => void;
}
