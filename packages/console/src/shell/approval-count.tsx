/** The number of pending approvals, in the navigation. */
import type { JSX } from 'preact';
import { approvalListShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { useLoaded } from '../calls/use-loaded.ts';

/** Renders nothing while nothing is pending. */
export function WaitingCount(): JSX.Element | null {
  const { data } = useLoaded(approvalListShape, consolePaths.approvals, ['approvals']);
  const count = data?.approvals.filter((one) => one.state === 'pending').length ?? 0;
  if (count === 0) return null;
  return (
    <span class="count">
      {count}
      <span class="unseen"> awaiting approval</span>
    </span>
  );
}
