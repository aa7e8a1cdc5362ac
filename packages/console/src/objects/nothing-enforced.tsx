/** Says what to do next while enforcement is off in every group, so that listing has no effect. */
import type { JSX } from 'preact';
import { groupListShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { useLoaded } from '../calls/use-loaded.ts';
import { Notice } from '../widgets/notice.tsx';
import { may } from '../session/permissions.ts';
import { enforces, isOff } from '../settings/group-summary.ts';
import { Link } from '../router/router.tsx';

export function NothingEnforced(): JSX.Element | null {
  const { data } = useLoaded(groupListShape, consolePaths.groups);
  if (data === undefined || data.groups.some((group) => enforces(group.settings))) return null;
  const isSilent = data.groups.every((group) => isOff(group.settings));
  return (
    <Notice kind="warning">
      {isSilent
        ? 'Nothing is enforced or logged: every group is off. '
        : 'Nothing is enforced: groups only log detections. '}
      {may('administer') ? (
        <>
          Turn it on for a group under <Link to="/administration/settings/groups">Settings › Groups</Link>: log first,
          then enforce.
        </>
      ) : (
        'An administrator can turn it on for a group.'
      )}
    </Notice>
  );
}
