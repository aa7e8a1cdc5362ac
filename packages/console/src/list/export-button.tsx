/** The button that exports a list as CSV or JSON. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { messageOf } from '../calls/use-loaded.ts';
import { save } from './export.ts';
import type { Export } from './export.ts';

interface ExportButtonProps<Row> {
  readonly of: Export<Row>;
  /** All rows of the list, not only the visible ones. */
  readonly rows: () => Promise<readonly Row[]> | readonly Row[];
}

export function ExportButton<Row>({ of, rows }: ExportButtonProps<Row>): JSX.Element {
  const [busy, setBusy] = useState('');
  const take = async (format: 'csv' | 'json'): Promise<void> => {
    setBusy('Collecting …');
    try {
      save(of, await rows(), format);
      setBusy('');
    } catch (error) {
      setBusy(messageOf(error));
    }
  };
  return (
    <span class="export">
      <button type="button" onClick={() => void take('csv')}>
        CSV
      </button>
      <button type="button" onClick={() => void take('json')}>
        JSON
      </button>
      <span class="quiet" role="status">
        {busy}
      </span>
    </span>
  );
}
