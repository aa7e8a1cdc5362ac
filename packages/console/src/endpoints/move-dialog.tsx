/** Moves endpoints into a group; its settings apply at once. */
import type { JSX } from 'preact';
import { groupListShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import type { Target } from '../acts/act-dialog.tsx';
import { send } from '../calls/call.ts';
import { messageOf, useLoaded } from '../calls/use-loaded.ts';
import { Choice } from '../forms/field.tsx';
import { textIn } from '../forms/form-data.ts';
import { DialogForm } from '../forms/form.tsx';
import { settingsInWords } from '../settings/group-summary.ts';

interface MoveDialogProps {
  readonly targets: readonly Target[];
  /** The present group, if there is only one endpoint. */
  readonly from?: string | undefined;
  readonly close: () => void;
  readonly done: () => void;
}

export function MoveDialog({ targets, from, close, done }: MoveDialogProps): JSX.Element {
  const { data, problem } = useLoaded(groupListShape, consolePaths.groups);
  const groups = data?.groups ?? [];
  const names = targets.length === 1 ? (targets[0]?.hostName ?? '') : `${targets.length} endpoints`;
  const submit = async (fields: FormData): Promise<void> => {
    const group = textIn(fields, 'group');
    await moveAll(targets, group);
    close();
    done();
  };
  return (
    <DialogForm
      title={`Move ${names}`}
      act={`Move ${names}`}
      submit={submit}
      cancel={close}
      disabled={groups.length === 0}
    >
      {problem === undefined ? null : <p role="alert">{problem}</p>}
      {targets.length > 1 ? <p class="text">{targets.map((one) => one.hostName).join(', ')}</p> : null}
      <Choice
        label="Group"
        name="group"
        value={from}
        choices={groups.map(({ name, settings }) => [name, `${name}: ${settingsInWords(settings)}`])}
        help="The group's settings apply immediately, or when the endpoint reconnects."
      />
    </DialogForm>
  );
}

/** Stops at the first failure, and says how many were moved before it. */
async function moveAll(targets: readonly Target[], group: string): Promise<void> {
  for (const [moved, { agent, hostName }] of targets.entries()) {
    try {
      await send('PATCH', `${consolePaths.agents}/${encodeURIComponent(agent)}`, { body: { group } });
    } catch (error) {
      throw new Error(`${hostName}: ${messageOf(error)} Moved ${moved} of ${targets.length}.`, { cause: error });
    }
  }
}
