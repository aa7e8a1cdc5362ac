/** Restores files, after saying which, and what is still enforced while their object is listed. */
import type { JSX } from 'preact';
import type { FleetTask, QuarantinedFile, RestoreFiles } from '@cordon/protocol/console';
import { fleetTaskShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read } from '../calls/call.ts';
import { Field } from '../forms/field.tsx';
import { textIn } from '../forms/form-data.ts';
import { DialogForm } from '../forms/form.tsx';
import { nameOf } from './quarantine-table.tsx';

interface PutBackProps {
  readonly files: readonly QuarantinedFile[];
  readonly close: () => void;
  readonly done: (task: FleetTask) => void;
}

export function PutBackDialog({ files, close, done }: PutBackProps): JSX.Element {
  const what = files.length === 1 ? '1 file' : `${files.length} files`;
  const submit = async (fields: FormData): Promise<void> => {
    const reason = textIn(fields, 'reason').trim();
    const copies = files.map(({ agent, quarantine }) => ({ agent, quarantine }));
    // The dialog already says what is still enforced, so the server need not ask again.
    const body: RestoreFiles = { files: copies, confirmed: true, ...(reason === '' ? {} : { reason }) };
    done(await read(fleetTaskShape, 'POST', `${consolePaths.quarantine}/restore`, { body }));
  };
  return (
    <DialogForm title={`Restore ${what}`} act={`Restore ${what}`} submit={submit} cancel={close}>
      <ul class="touched text" tabIndex={0}>
        {files.map((file) => (
          <li key={nameOf(file)}>
            {file.path.text} on {file.hostName}
          </li>
        ))}
      </ul>
      <p>
        While its object is listed, the file stays blocked where the group enforces that, and the next disk scan
        quarantines it again. To stop both, remove the object on its own page instead.
      </p>
      <Field label="Reason (recorded in the audit log)" name="reason" maxLength={256} placeholder="INC-1234: …" />
    </DialogForm>
  );
}
