/** Ends the processes that used a detected file, listed one by one, after confirmation. */
import type { JSX } from 'preact';
import type { AddTask, DetectionRecord } from '@cordon/protocol/console';
import { fleetTaskShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read } from '../calls/call.ts';
import { ReasonField, reasonIn } from '../forms/reason.tsx';
import { DialogForm } from '../forms/form.tsx';
import { Moment } from '../widgets/moment.tsx';
import { navigate } from '../router/router.tsx';
import { taskPath } from '../widgets/links.tsx';
import { countOf } from '../words/words.ts';

type ProcessInfo = NonNullable<DetectionRecord['file']>['usedBy'][number];

/** Processes that ran from the file, or had it open, at the detection. */
export function processesOf({ file }: DetectionRecord): readonly ProcessInfo[] {
  return file?.usedBy ?? [];
}

export function EndProcessesDialog({
  detection,
  close,
}: {
  detection: DetectionRecord;
  close: () => void;
}): JSX.Element {
  const processes = processesOf(detection);
  const what = countOf(processes.length, 'process', 'processes');
  const submit = async (fields: FormData): Promise<void> => {
    const body: AddTask = {
      work: { kind: 'end-processes', processes: processes.map(({ pid, startedAt }) => ({ pid, startedAt })) },
      selector: { entityId: detection.agent },
      ...reasonIn(fields),
    };
    const task = await read(fleetTaskShape, 'POST', consolePaths.tasks, { body });
    navigate(taskPath(task.id));
  };
  return (
    <DialogForm
      title={`End ${what} on ${detection.hostName}`}
      act={`End ${what} on ${detection.hostName}`}
      danger
      submit={submit}
      cancel={close}
    >
      <p class="text">
        These processes ran from <code>{detection.file?.path.text}</code> or had it open on {detection.hostName},{' '}
        <Moment at={detection.at} />:
      </p>
      <ul class="named text">
        {processes.map((one) => (
          <li key={`${one.pid} ${one.startedAt}`}>
            <strong>
              {one.pid} {one.name}
            </strong>
            , {userOf(detection, one)}
            <br />
            <code>{one.executable}</code>
            {one.commandLine === '' || one.commandLine === one.executable ? null : (
              <>
                <br />
                <span class="quiet">{one.commandLine}</span>
              </>
            )}
          </li>
        ))}
      </ul>
      <p>
        <strong>This cannot be undone.</strong> The processes are killed immediately; unsaved data is lost and nothing
        restarts them. The file stays in place. A later process that reuses a PID is not affected. An offline endpoint
        runs this only if it reconnects within an hour.
      </p>
      <ReasonField />
    </DialogForm>
  );
}

/** Only the process that triggered the detection has a recorded user. */
function userOf({ process, user }: DetectionRecord, one: ProcessInfo): string {
  const isSame = process !== null && process.pid === one.pid && process.startedAt === one.startedAt;
  if (!isSame || user === null) return 'user not recorded';
  return user.name === '' ? `user ${user.id}` : `user ${user.name} (${user.id})`;
}
