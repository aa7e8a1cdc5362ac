/** The targets of a task (the fleet, a group or one endpoint) and its reason. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AddTask } from '@cordon/protocol/console';
import { groupListShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { useLoaded } from '../calls/use-loaded.ts';
import { Choice, Field } from '../forms/field.tsx';
import { textIn } from '../forms/form-data.ts';
import { ReasonField, reasonIn } from '../forms/reason.tsx';
import { countOf } from '../words/words.ts';

/** The endpoint on whose page the task was requested. */
export interface Only {
  readonly agent: string;
  readonly hostName: string;
}

const everyone = 'everyone';
const oneHost = 'host';
const groupPrefix = 'group ';

export function TaskTargets({ only }: { only: Only | undefined }): JSX.Element {
  return (
    <>
      {only === undefined ? (
        <Choosing />
      ) : (
        <p class="quiet">An offline endpoint runs it if it reconnects within 24 hours.</p>
      )}
      <ReasonField />
    </>
  );
}

function Choosing(): JSX.Element {
  const { data } = useLoaded(groupListShape, consolePaths.groups);
  const [target, setTarget] = useState(everyone);
  const groups = data?.groups ?? [];
  return (
    <>
      <Choice
        label="Endpoints"
        name="target"
        value={target}
        onChoice={setTarget}
        choices={[
          [everyone, 'All endpoints'],
          [oneHost, 'One endpoint, by host name'],
          ...groups.map(
            ({ name, agents }) => [groupPrefix + name, `Group ${name}, ${countOf(agents, 'endpoint')}`] as const,
          ),
        ]}
        help="Offline endpoints run it if they reconnect within 24 hours."
      />
      {target === oneHost ? <Field label="Host name" name="hostName" required maxLength={255} /> : null}
    </>
  );
}

export function targetsIn(fields: FormData, only: Only | undefined): Pick<AddTask, 'selector' | 'group' | 'reason'> {
  if (only !== undefined) return { ...reasonIn(fields), selector: { entityId: only.agent } };
  const target = textIn(fields, 'target');
  if (target === oneHost) return { ...reasonIn(fields), selector: { hostName: textIn(fields, 'hostName').trim() } };
  const group = target.startsWith(groupPrefix) ? { group: target.slice(groupPrefix.length) } : {};
  return { ...reasonIn(fields), ...group };
}
