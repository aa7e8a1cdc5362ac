/** Where a file is dropped, or chosen with the keyboard. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { sentenceOf } from '../calls/loaded.ts';
import { Notice } from '../parts/notice.tsx';
import { hashOf } from './hash.ts';
import type { HashedFile } from './hash.ts';

export function DropZone({ take }: { take: (file: HashedFile) => void }): JSX.Element {
  const [over, setOver] = useState(false);
  const [said, setSaid] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const hash = async (file: File | null | undefined): Promise<void> => {
    if (file === null || file === undefined) return;
    setProblem(undefined);
    setSaid(`Hashing ${file.name} …`);
    try {
      take(await hashOf(file));
    } catch (error) {
      setProblem(sentenceOf(error));
    }
    setSaid(undefined);
  };
  return (
    <div
      class={over ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void hash(event.dataTransfer?.files.item(0));
      }}
    >
      <label for="object-file">Drag a file in, or choose one:</label>{' '}
      <input
        id="object-file"
        type="file"
        onChange={(event) => {
          void hash(event.currentTarget.files?.item(0));
          event.currentTarget.value = '';
        }}
      />
      <p class="quiet">It is hashed in this browser and never leaves it; only its SHA-1, SHA-256 and size are sent.</p>
      <p class="quiet" role="status">
        {said}
      </p>
      <Notice kind="problem" text={problem} />
    </div>
  );
}
