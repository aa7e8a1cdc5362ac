/** Requests a sweep: every file on the disks, or below some folders, is compared with the list. */
import type { JSX } from 'preact';
import type { AddTask } from '@cordon/protocol/console';
import { fleetTaskShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read } from '../calls/call.ts';
import { Lines, Tick } from '../forms/field.tsx';
import { linesIn, tickedIn } from '../forms/form-data.ts';
import { DialogForm } from '../forms/form.tsx';
import { navigate } from '../router/router.tsx';
import { taskPath } from '../widgets/links.tsx';
import { TaskTargets, targetsIn } from './task-targets.tsx';
import type { Only } from './task-targets.tsx';

interface SweepDialogProps {
  /** The only target; undefined to choose in the dialog. */
  readonly only?: Only;
  readonly close: () => void;
}

export function SweepDialog({ only, close }: SweepDialogProps): JSX.Element {
  const submit = async (fields: FormData): Promise<void> => {
    const work = { kind: 'sweep', act: !tickedIn(fields, 'report'), roots: rootsIn(fields) } as const;
    const body: AddTask = { work, ...targetsIn(fields, only) };
    const task = await read(fleetTaskShape, 'POST', consolePaths.tasks, { body });
    navigate(taskPath(task.id));
  };
  return (
    <DialogForm
      title={only === undefined ? 'Scan now' : `Scan ${only.hostName}`}
      act="Scan"
      submit={submit}
      cancel={close}
    >
      <p>Checks files against every listed object, as fast as the endpoint's group allows.</p>
      <Lines
        label="Folders, one per line"
        name="roots"
        placeholder={'/srv/share\n/home'}
        help="Subfolders are included. Leave empty for all local disks; network mounts are skipped."
      />
      <TaskTargets only={only} />
      <Tick name="report" ticked>
        Report only
      </Tick>
      <p class="quiet">
        Clear this to quarantine files where the object says so and the group enforces disk scans. You can restore each
        file under Quarantine.
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
    throw new Error(`A scan takes up to ${maxRoots} folders; you entered ${roots.length}. Use a common parent folder.`);
  }
  const wrong = roots.find((root) => !root.startsWith('/') || root.length > longestRoot);
  if (wrong === undefined) return roots;
  const why = wrong.startsWith('/')
    ? `has ${wrong.length} characters (maximum ${longestRoot})`
    : 'is not an absolute path';
  throw new Error(`"${wrong.slice(0, 60)}" ${why}. Write a folder like /srv/share.`);
}
