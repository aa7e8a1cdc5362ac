/** Takes what a page lists away as a file. A spreadsheet shall take no text of an endpoint for a formula. */

export type Cell = string | number | boolean | null;

/** What is exported: a name for the file, and how a row becomes cells. */
export interface Export<Row> {
  readonly name: string;
  readonly columns: readonly (readonly [title: string, of: (row: Row) => Cell])[];
}

/** Text of a CSV file (RFC 4180). */
export function csvOf<Row>({ columns }: Export<Row>, rows: readonly Row[]): string {
  const lines = [columns.map(([title]) => field(title)), ...rows.map((row) => columns.map(([, of]) => field(of(row))))];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

/** A text that a spreadsheet would work out gets an apostrophe before it, and is shown as it was written. */
function field(cell: Cell): string {
  const text = String(cell ?? '');
  const safe = typeof cell === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function save<Row>(desired: Export<Row>, rows: readonly Row[], format: 'csv' | 'json'): void {
  // The mark in front tells spreadsheets that it is UTF-8; without it some take names for another encoding.
  const text = format === 'csv' ? `\ufeff${csvOf(desired, rows)}` : JSON.stringify(rows, undefined, 2);
  const type = format === 'csv' ? 'text/csv;charset=utf-8' : 'application/json';
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `cordon-${desired.name}-${new Date().toISOString().slice(0, 10)}.${format}`;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
