/** Object enforcement on an endpoint: the group that sets it, and the status of each kind. */
import type { JSX } from 'preact';
import type { AgentDetails } from '@cordon/protocol/console';
import { groupListShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { useLoaded } from '../calls/use-loaded.ts';
import { Badge } from '../widgets/badge.tsx';
import type { Tone } from '../widgets/badge.tsx';
import { may } from '../session/permissions.ts';
import { settingsInWords } from '../settings/group-summary.ts';

type Held = NonNullable<AgentDetails['objects']>;

const kinds = [
  ['onAccess', 'File open and execution'],
  ['sweep', 'Disk scans'],
  ['network', 'IP addresses and networks'],
  ['names', 'Domains and URLs (log only)'],
] as const;
const tones: Record<Held['sweep']['state'], Tone> = {
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
      <dl class="facts">
        <dt>Group</dt>
        <dd>
          {group ?? ''}
          {settings === undefined ? null : <span class="quiet"> {settingsInWords(settings)}</span>}
        </dd>
        <dt>Object list</dt>
        <dd>Revision {objectsRevision}</dd>
        {objects === undefined
          ? null
          : kinds.map(([kind, title]) => <Kind key={kind} title={title} of={objects[kind]} />)}
      </dl>
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

function Kind({ title, of: { state, message } }: { title: string; of: Held['sweep'] }): JSX.Element {
  return (
    <>
      <dt>{title}</dt>
      <dd>
        <Badge tone={tones[state]}>{state}</Badge> {message}
      </dd>
    </>
  );
}
