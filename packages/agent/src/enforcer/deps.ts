/** What the enforcer has around it: everything it reads, writes, asks or tells. */
import type { IsolationKernel } from './isolation/isolation-kernel.ts';
import type { Log } from '../log.ts';
import type { ToLink } from '../ipc/link-messages.ts';
import type { ChangeHistory } from './desired-state/change-history.ts';
import type { Objects } from './objects/object-list.ts';
import type { ObjectsInForce } from './objects/object-enforcement.ts';
import type { People } from './notices/user-notice.ts';
import type { Identity, State } from './state/state.ts';

export interface Surroundings {
  readonly identity: Identity;
  readonly state: State;
  readonly objects: Objects;
  /** What is done about those objects. */
  readonly inForce: Pick<ObjectsInForce, 'follow' | 'listChanged' | 'connected' | 'handle' | 'held'>;
  readonly enforcement: IsolationKernel;
  readonly changes: ChangeHistory;
  readonly people: People;
  readonly isProtected: () => boolean;
  readonly now: () => number;
  readonly log: Log;
  /** To link, if it is there. */
  readonly tell: (message: ToLink) => void;
  /** The agent is uninstalled: state removed, nothing more to do. */
  readonly uninstalled: () => void;
}
