/** Hashes a file of any size that is dropped, or chosen with the keyboard. */
import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { messageOf } from '../calls/use-loaded.ts';
import { Notice } from '../widgets/notice.tsx';
import { sizeOf } from '../widgets/size.ts';
import { hashOf } from './hash-file.ts';
import type { HashedFile } from './hash-file.ts';

interface Hashing {
  readonly name: string;
  readonly bytes: number;
  readonly of: number;
}

export function DropZone({ take }: { take: (file: HashedFile) => void }): JSX.Element {
  const [over, setOver] = useState(false);
  const { hashing, problem, begin, cancel } = useHashing(take);
  const id = useId();
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
        begin(event.dataTransfer?.files.item(0));
      }}
    >
      <label for={id}>Drop a file here, or choose one:</label>{' '}
      <input
        id={id}
        type="file"
        onChange={(event) => {
          begin(event.currentTarget.files?.item(0));
          event.currentTarget.value = '';
        }}
      />
      <p class="quiet">
        The file is hashed in your browser and is not uploaded; only its SHA-1, SHA-256 and size are sent.
      </p>
      <div role="status">{hashing === undefined ? null : <HashingBar hashing={hashing} cancel={cancel} />}</div>
      <Notice kind="problem" text={problem} />
    </div>
  );
}

function HashingBar({ hashing, cancel }: { hashing: Hashing; cancel: () => void }): JSX.Element {
  const { name, bytes, of } = hashing;
  return (
    <div class="bar">
      <span class="text">Hashing {name} …</span>
      <progress max={Math.max(1, of)} value={bytes} aria-label={`Hashing ${name}`} />
      <span class="nowrap" aria-hidden="true">
        {sizeOf(bytes)} of {sizeOf(of)}
      </span>
      <button type="button" onClick={cancel}>
        Cancel
      </button>
    </div>
  );
}

interface UseHashing {
  readonly hashing: Hashing | undefined;
  readonly problem: string | undefined;
  readonly begin: (file: File | null | undefined) => void;
  readonly cancel: () => void;
}

/** One file at a time: a second file replaces the first, and leaving the page cancels. */
function useHashing(take: (file: HashedFile) => void): UseHashing {
  const [hashing, setHashing] = useState<Hashing>();
  const [problem, setProblem] = useState<string>();
  const running = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const hash = async (file: File): Promise<void> => {
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    const show = (bytes: number): void => setHashing({ name: file.name, bytes, of: file.size });
    setProblem(undefined);
    show(0);
    try {
      const hashed = await hashOf(file, { progress: show, signal: mine.signal });
      if (hashed !== undefined) take(hashed);
    } catch (error) {
      setProblem(messageOf(error));
    }
    if (running.current === mine) setHashing(undefined);
  };
  return {
    hashing,
    problem,
    begin: (file) => {
      if (file !== null && file !== undefined) void hash(file);
    },
    cancel: () => running.current?.abort(),
  };
}
