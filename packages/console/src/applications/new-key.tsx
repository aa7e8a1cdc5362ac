/** Shows a new key, once. */
import type { JSX } from 'preact';
import type { ApplicationWithKey } from '@cordon/protocol/console';
import { Copy } from '../widgets/copy.tsx';
import { Dialog } from '../forms/dialog.tsx';

export function NewKey({ made, close }: { made: ApplicationWithKey; close: () => void }): JSX.Element {
  return (
    <Dialog title={`New key for ${made.application.name}`} close={close}>
      <div class="body">
        <p>Copy it now; it is not shown again. The old key no longer works.</p>
        <Copy label="API key" value={made.apiKey} />
      </div>
      <footer>
        <button type="button" class="primary" onClick={close}>
          I have copied it
        </button>
      </footer>
    </Dialog>
  );
}
