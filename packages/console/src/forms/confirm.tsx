/** Confirms and performs an action that cannot be undone. */
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { messageOf } from '../calls/use-loaded.ts';
import { Dialog } from './dialog.tsx';
import { Notice } from '../widgets/notice.tsx';

interface ConfirmProps {
  readonly title: string;
  /** The button's label: the action itself, never "OK". */
  readonly act: string;
  readonly perform: () => Promise<void>;
  /** Called after the action, unless it shows its result itself. */
  readonly done?: (() => void) | undefined;
  readonly cancel: () => void;
  readonly children: ComponentChildren;
}

export function Confirm({ title, act, perform, done, cancel, children }: ConfirmProps): JSX.Element {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const go = async (): Promise<void> => {
    setBusy(true);
    try {
      await perform();
      done?.();
    } catch (error) {
      setProblem(messageOf(error));
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} close={cancel}>
      <div class="body">
        {children}
        <Notice kind="problem" text={problem} />
      </div>
      <footer>
        <button type="button" onClick={cancel}>
          Cancel
        </button>
        <button type="button" class="danger" disabled={busy} onClick={() => void go()}>
          {act}
        </button>
      </footer>
    </Dialog>
  );
}
