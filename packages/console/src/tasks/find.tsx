/** "Where is this?": a content is looked for on every endpoint, listed or not, and nothing is done to it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AddTask, FleetTask } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { call } from '../calls/call.ts';
import { DropZone } from '../objects/drop-zone.tsx';
import type { HashedFile } from '../objects/hash.ts';
import { Field } from '../parts/field.tsx';
import { textIn } from '../parts/fields.ts';
import { DialogForm } from '../parts/form.tsx';
import { sizeOf } from '../parts/size.ts';
import { navigate } from '../site/router.tsx';
import { Whom, whomIn } from './whom.tsx';

export function FindDialog({ close }: { close: () => void }): JSX.Element {
  const [file, setFile] = useState<HashedFile>();
  const submit = async (fields: FormData): Promise<void> => {
    const sha1 = sha1In(fields);
    // Files of another size need not be read at all.
    const size = file?.sha1 === sha1 ? file.size : null;
    const body: AddTask = { work: { kind: 'find', files: [{ sha1, size }] }, ...whomIn(fields) };
    const task = await call<FleetTask>('POST', consolePaths.tasks, { body });
    navigate(`/tasks/${encodeURIComponent(task.id)}`);
  };
  return (
    <DialogForm title="Where is this?" act="Look for it" submit={submit} cancel={close}>
      <p>Endpoints tell where they have a file with this content, and do nothing to it.</p>
      <DropZone take={setFile} />
      {file === undefined ? null : (
        <p class="text" role="status">
          {file.name}, {sizeOf(file.size)}
        </p>
      )}
      <Field key={file?.sha1} label="SHA-1" name="sha1" value={file?.sha1 ?? ''} required maxLength={64} />
      <Whom />
    </DialogForm>
  );
}

function sha1In(fields: FormData): string {
  const sha1 = textIn(fields, 'sha1').trim().toUpperCase();
  if (/^[0-9A-F]{40}$/.test(sha1)) return sha1;
  throw new Error(`A SHA-1 has 40 digits of 0 to 9 and A to F; this has ${sha1.length} characters. Drop the file in.`);
}
