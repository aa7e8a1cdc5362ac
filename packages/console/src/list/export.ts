/** Exports a list as a file. No text from an endpoint may become a formula in a spreadsheet. */

export type Cell = string | number | boolean | null;

/** The name of the file, and how a row becomes cells. */
export interface Export<Row> {
  readonly name: string;
  readonly columns: readonly (readonly [title: string, of: (row: Row) => Cell])[];
}

/** The text of a CSV file (RFC 4180). */
export function csvOf<Row>({ columns }: Export<Row>, rows: readonly Row[]): string {
  const lines = [columns.map(([title]) => field(title)), ...rows.map((row) => columns.map(([, of]) => field(of(row))))];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

/** A leading apostrophe makes a spreadsheet show a formula as text. */
function field(cell: Cell): string {
  const text = String(cell ?? '');
  const safe = typeof cell === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function save<Row>(desired: Export<Row>, rows: readonly Row[], format: 'csv' | 'json'): void {
  // The byte order mark marks the file as UTF-8; without it some spreadsheets garble names.
  const text = format === 'csv' ? `\ufeff${csvOf(desired, rows)}` : JSON.stringify(rows, undefined, 2);
  const type = format === 'csv' ? 'text/csv;charset=utf-8' : 'application/json';
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `cordon-${desired.name}-${new Date().toISOString().slice(0, 10)}.${format}`;
  link.click();
  // By this time the browser has started to read it.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
