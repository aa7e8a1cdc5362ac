/** The number of pending approvals, in the navigation. */
import type { JSX } from 'preact';
import type { ApprovalList } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { useCalm } from '../browser/debounce.ts';
import { useLive } from '../calls/live.ts';
import { useLoaded } from '../calls/use-loaded.ts';

/** Renders nothing while nothing is pending. */
export function WaitingCount(): JSX.Element | null {
  const { data, reload } = useLoaded<ApprovalList>(consolePaths.approvals);
  useLive(
    ['approvals'],
    useCalm(() => void reload()),
  );
  const count = data?.approvals.filter((one) => one.state === 'pending').length ?? 0;
  if (count === 0) return null;
  return (
    <span class="count">
      {count}
      <span class="unseen"> awaiting approval</span>
    </span>
  );
}
