/** "Where is this?": searches endpoints for contents, listed or not, and only reports. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AddTask } from '@cordon/protocol/console';
import { fleetTaskShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read } from '../calls/call.ts';
import { DropZone } from '../hashing/drop-zone.tsx';
import type { HashedFile } from '../hashing/hash-file.ts';
import { Lines } from '../forms/field.tsx';
import { linesIn } from '../forms/form-data.ts';
import { DialogForm } from '../forms/form.tsx';
import { sizeOf } from '../widgets/size.ts';
import { navigate } from '../router/router.tsx';
import { taskPath } from '../widgets/links.tsx';
import { TaskTargets, targetsIn } from './task-targets.tsx';
import type { Only } from './task-targets.tsx';

interface FindDialogProps {
  /** The only target; undefined to choose in the dialog. */
  readonly only?: Only;
  readonly close: () => void;
}

export function FindDialog({ only, close }: FindDialogProps): JSX.Element {
  const [dropped, setDropped] = useState<readonly HashedFile[]>([]);
  const [typed, setTyped] = useState('');
  const take = (file: HashedFile): void => {
    setDropped((before) => [...before, file]);
    setTyped((before) => [...before.split('\n').filter((line) => line.trim() !== ''), file.sha1].join('\n'));
  };
  const submit = async (fields: FormData): Promise<void> => {
    // Files of another size need not be read.
    const files = hashesIn(fields).map((sha1) => ({
      sha1,
      size: dropped.find((file) => file.sha1 === sha1)?.size ?? null,
    }));
    const body: AddTask = { work: { kind: 'find', files }, ...targetsIn(fields, only) };
    const task = await read(fleetTaskShape, 'POST', consolePaths.tasks, { body });
    navigate(taskPath(task.id));
  };
  return (
    <DialogForm title="Search for a file" act="Search" submit={submit} cancel={close}>
      <p>Endpoints report every file with this content on any local disk. The files are not touched.</p>
      <DropZone take={take} />
      {dropped.length === 0 ? null : (
        <p class="text" role="status">
          {dropped.map((file) => `${file.name}, ${sizeOf(file.size)}`).join('; ')}
        </p>
      )}
      <Lines label="SHA-1, one per line" name="sha1" value={typed} typed={setTyped} required />
      <TaskTargets only={only} />
    </DialogForm>
  );
}

const maxFiles = 100;

function hashesIn(fields: FormData): string[] {
  const hashes = [...new Set(linesIn(fields, 'sha1').map((line) => line.toUpperCase()))];
  const wrong = hashes.find((hash) => !/^[0-9A-F]{40}$/.test(hash));
  if (wrong !== undefined || hashes.length === 0) {
    const count = wrong?.length ?? 0;
    throw new Error(
      `A SHA-1 has 40 hexadecimal digits (0-9, A-F); this has ${count} characters. You can also drop the file here.`,
    );
  }
  if (hashes.length <= maxFiles) return hashes;
  throw new Error(
    `One search takes up to ${maxFiles} files; you entered ${hashes.length}. Split them into several searches.`,
  );
}
