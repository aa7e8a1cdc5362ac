/** What the person may do, so that pages offer nothing else. The server decides; this only hides. */
import { session } from './session.ts';

const operators = ['Administrator', 'Operator'];
const administrators = ['Administrator'];

const rights = {
  isolate: operators,
  approve: operators,
  'change-objects': operators,
  /** And restore files, which is a task. */
  'request-tasks': operators,
  /** Move endpoints between groups. */
  move: administrators,
  administer: administrators,
} as const;

/** Not available in any role to an account limited to folders. */
const unlimited: ReadonlySet<keyof typeof rights> = new Set(['move', 'change-objects']);

export function may(right: keyof typeof rights): boolean {
  const known = session.value;
  if (known.state !== 'known' || !rights[right].includes(known.me.role)) return false;
  return !(unlimited.has(right) && isLimited());
}

/** Whether the account is limited to folders, and so sees only part of the endpoints. */
export function isLimited(): boolean {
  const known = session.value;
  return known.state === 'known' && known.me.scope.length > 0;
}
