/** Object enforcement on an endpoint: the group that sets it, and the status of each kind. */
import type { JSX } from 'preact';
import type { AgentDetails } from '@cordon/protocol/console';
import { groupListShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { useLoaded } from '../calls/use-loaded.ts';
import { Badge } from '../widgets/badge.tsx';
import type { Tone } from '../widgets/badge.tsx';
import { Facts } from '../widgets/facts.tsx';
import type { Fact } from '../widgets/facts.tsx';
import { inWords } from '../words/words.ts';
import { may } from '../session/permissions.ts';
import { settingsInWords } from '../settings/group-summary.ts';

type EnforcementState = NonNullable<AgentDetails['objects']>['sweep'];

const kinds = [
  ['onAccess', 'File open and execution'],
  ['sweep', 'Disk scans'],
  ['network', 'IP addresses and networks'],
  ['names', 'Domains and URLs (log only)'],
] as const;
const tones: Record<EnforcementState['state'], Tone> = {
  off: 'neutral',
  starting: 'warning',
  on: 'good',
  unable: 'danger',
};

export function Enforced({ details, move }: { details: AgentDetails; move: () => void }): JSX.Element {
  const { group, objects, objectsRevision } = details;
  const { data } = useLoaded(groupListShape, consolePaths.groups);
  const settings = data?.groups.find((one) => one.name === group)?.settings;
  return (
    <section class="panel" aria-label="Suspicious objects">
      <h2>Suspicious objects</h2>
      <Facts
        of={[
          [
            'Group',
            <>
              {group ?? ''}
              {settings === undefined ? null : <span class="quiet"> {settingsInWords(settings)}</span>}
            </>,
          ],
          ['Object list', `Revision ${objectsRevision}`],
          ...(objects === undefined ? [] : kinds.map(([kind, title]): Fact => [title, stateOf(objects[kind])])),
        ]}
      />
      {objects === undefined ? (
        <p class="quiet">The agent has received the list but has not confirmed enforcement.</p>
      ) : null}
      {may('move') ? (
        <button type="button" onClick={move}>
          Move to group …
        </button>
      ) : null}
    </section>
  );
}

function stateOf({ state, message }: EnforcementState): JSX.Element {
  return (
    <>
      <Badge tone={tones[state]}>{inWords(state)}</Badge> {message}
    </>
  );
}
