/** Restores files, after saying which, and what is still enforced while their object is listed. */
import type { JSX } from 'preact';
import { fleetTaskShape } from '@cordon/protocol/console';
import type { FleetTask, QuarantinedFile, RestoreFiles } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read } from '../calls/call.ts';
import { DialogForm } from '../forms/form.tsx';
import { ReasonField, reasonIn } from '../forms/reason.tsx';
import { countOf } from '../words/words.ts';

interface RestoreDialogProps {
  readonly files: readonly QuarantinedFile[];
  readonly close: () => void;
  readonly done: (task: FleetTask) => void;
}

export function RestoreDialog({ files, close, done }: RestoreDialogProps): JSX.Element {
  const title = `Restore ${countOf(files.length, 'file')}`;
  const submit = async (fields: FormData): Promise<void> => {
    const copies = files.map(({ agent, quarantine }) => ({ agent, quarantine }));
    // The dialog already says what is still enforced, so the server need not ask again.
    const body: RestoreFiles = { files: copies, confirmed: true, ...reasonIn(fields) };
    done(await read(fleetTaskShape, 'POST', `${consolePaths.quarantine}/restore`, { body }));
  };
  return (
    <DialogForm title={title} act={title} submit={submit} cancel={close}>
      <ul class="affected text" tabIndex={0}>
        {files.map((file) => (
          <li key={`${file.agent} ${file.quarantine}`}>
            {file.path.text} on {file.hostName}
          </li>
        ))}
      </ul>
      <p>
        While its object is listed, the file stays blocked where the group enforces that, and the next disk scan
        quarantines it again. To stop both, remove the object on its own page instead.
      </p>
      <ReasonField />
    </DialogForm>
  );
}
