/** A dialog with a secret to copy: a password, a key, a code. */
import type { ComponentChildren, JSX } from 'preact';
import { Copy } from '../widgets/copy.tsx';
import { Dialog } from './dialog.tsx';

interface ShownOnceProps {
  readonly title: string;
  /** What the button copies: "password". */
  readonly label: string;
  readonly value: string;
  readonly long?: true;
  /** The text of the button that closes it. */
  readonly end?: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

export function ShownOnce({
  title,
  end = 'I have copied it',
  close,
  children,
  ...secret
}: ShownOnceProps): JSX.Element {
  return (
    <Dialog title={title} close={close}>
      <div class="body">
        <p>{children}</p>
        <Copy {...secret} />
      </div>
      <footer>
        <button type="button" class="primary" onClick={close}>
          {end}
        </button>
      </footer>
    </Dialog>
  );
}
