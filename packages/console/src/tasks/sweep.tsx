/** A sweep is asked for: every file of the disks, or below some folders, is held against the list. */
import type { JSX } from 'preact';
import type { AddTask, FleetTask } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { call } from '../calls/call.ts';
import { Lines, Tick } from '../parts/field.tsx';
import { linesIn, tickedIn } from '../parts/fields.ts';
import { DialogForm } from '../parts/form.tsx';
import { navigate } from '../site/router.tsx';
import { Whom, whomIn } from './whom.tsx';
import type { Only } from './whom.tsx';

interface SweepDialogProps {
  /** The one endpoint that it is for; chosen in the dialog unless given. */
  readonly only?: Only;
  readonly close: () => void;
}

export function SweepDialog({ only, close }: SweepDialogProps): JSX.Element {
  const submit = async (fields: FormData): Promise<void> => {
    const work = { kind: 'sweep', act: !tickedIn(fields, 'report'), roots: rootsIn(fields) } as const;
    const body: AddTask = { work, ...whomIn(fields, only) };
    const task = await call<FleetTask>('POST', consolePaths.tasks, { body });
    navigate(`/tasks/${encodeURIComponent(task.id)}`);
  };
  return (
    <DialogForm
      title={only === undefined ? 'Sweep now' : `Sweep ${only.hostName}`}
      act="Sweep"
      submit={submit}
      cancel={close}
    >
      <p>Files are held against everything on the list, as fast as the group of the endpoint allows.</p>
      <Lines
        label="Folders, one a line"
        name="roots"
        placeholder={'/srv/share\n/home'}
        help="With all that is below them. Empty for every disk; what is mounted over the network is left out."
      />
      <Whom only={only} />
      <Tick name="report" ticked>
        Only report what is found
      </Tick>
      <p class="quiet">
        Left open, files are quarantined where the list says so and the group enforces sweeps. Each can be put back
        under Quarantine.
      </p>
    </DialogForm>
  );
}

const maxRoots = 16;
const longestRoot = 4096;

/** The folders, or null for all disks. */
function rootsIn(fields: FormData): string[] | null {
  const roots = linesIn(fields, 'roots');
  if (roots.length === 0) return null;
  if (roots.length > maxRoots) {
    throw new Error(`A sweep takes up to ${maxRoots} folders; these are ${roots.length}. Name one that holds several.`);
  }
  const wrong = roots.find((root) => !root.startsWith('/') || root.length > longestRoot);
  if (wrong === undefined) return roots;
  const why = wrong.startsWith('/') ? `has ${wrong.length} characters, and ${longestRoot} are the most` : 'does not';
  throw new Error(`A folder is written from / on, like /srv/share; "${wrong.slice(0, 60)}" ${why}.`);
}
