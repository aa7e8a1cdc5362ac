/** What the person may do, so that the pages offer nothing else. The server decides; this only hides. */
import { session } from './session.ts';

const operators = ['Administrator', 'Operator'];
const administrators = ['Administrator'];

const rights = {
  isolate: operators,
  decide: operators,
  'change-objects': operators,
  /** Ask agents for tasks, and put files back. */
  ask: operators,
  /** Move endpoints between groups. */
  move: administrators,
  administer: administrators,
} as const;

/** What an account that is limited to folders cannot do in any role. */
const unlimited: ReadonlySet<keyof typeof rights> = new Set(['move', 'change-objects']);

export function may(right: keyof typeof rights): boolean {
  const known = session.value;
  if (known.state !== 'known' || !rights[right].includes(known.me.role)) return false;
  return !(unlimited.has(right) && isLimited());
}

/** Whether the person is limited to folders, and so is shown the part of their endpoints. */
export function isLimited(): boolean {
  const known = session.value;
  return known.state === 'known' && known.me.scope.length > 0;
}
