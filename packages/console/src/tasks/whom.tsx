/** Whom a task is for: the whole fleet, or a group; and why. */
import type { JSX } from 'preact';
import type { AddTask, GroupList } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { useLoaded } from '../calls/loaded.ts';
import { Choice, Field } from '../parts/field.tsx';
import { textIn } from '../parts/fields.ts';
import { countOf } from './words.ts';

export function Whom(): JSX.Element {
  const { data } = useLoaded<GroupList>(consolePaths.groups);
  const groups = data?.groups ?? [];
  return (
    <>
      <Choice
        label="On"
        name="group"
        value=""
        choices={[
          ['', 'Every endpoint'],
          ...groups.map(({ name, agents }) => [name, `Group ${name}, ${countOf(agents, 'endpoint')}`] as const),
        ]}
        help="Endpoints that are off do it when they return within a day."
      />
      <Field label="Reason, for the audit" name="reason" maxLength={256} placeholder="INC-1234: …" />
    </>
  );
}

export function whomIn(fields: FormData): Pick<AddTask, 'group' | 'reason'> {
  const [group, reason] = [textIn(fields, 'group'), textIn(fields, 'reason').trim()];
  return { ...(group === '' ? {} : { group }), ...(reason === '' ? {} : { reason }) };
}
