/** A sweep is asked for: every file of the disks is held against the list. */
import type { JSX } from 'preact';
import type { AddTask, FleetTask } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { call } from '../calls/call.ts';
import { Tick } from '../parts/field.tsx';
import { tickedIn } from '../parts/fields.ts';
import { DialogForm } from '../parts/form.tsx';
import { navigate } from '../site/router.tsx';
import { Whom, whomIn } from './whom.tsx';

export function SweepDialog({ close }: { close: () => void }): JSX.Element {
  return (
    <DialogForm title="Sweep now" act="Sweep" submit={sweep} cancel={close}>
      <p>Each endpoint looks through its disks for everything on the list, as fast as its group allows.</p>
      <Tick name="report" ticked>
        Only report what is found
      </Tick>
      <p class="quiet">Left open, files are quarantined where the list says so and the group enforces sweeps.</p>
      <Whom />
    </DialogForm>
  );
}

async function sweep(fields: FormData): Promise<void> {
  const work = { kind: 'sweep', act: !tickedIn(fields, 'report'), roots: null } as const;
  const body: AddTask = { work, ...whomIn(fields) };
  const task = await call<FleetTask>('POST', consolePaths.tasks, { body });
  navigate(`/tasks/${encodeURIComponent(task.id)}`);
}
