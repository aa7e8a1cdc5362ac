/** Draws a table that fits the terminal. */
import { printable } from './text.ts';
import type { Output } from './world.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** May be cut with an ellipsis where the terminal is narrow; what people copy must not be. */
  readonly cut?: boolean;
  /** SGR parameters, where colours are wanted: `31` is red. */
  readonly color?: (row: Row) => string | undefined;
}

const gap = '  ';
const narrowest = 8;

/** Header and rows, each a line. Only a terminal has a width to fit; a pipe gets every character. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], output: Output): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row)) || '-'));
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...cells.map((line) => (line[at] ?? '').length)),
  );
  if (output.isTerminal) fit(widths, columns, output.columns);
  const line = (texts: readonly string[], paint: (text: string, at: number) => string): string =>
    texts
      .map((text, at) => paint(padded(text, widths[at] ?? 0, at === texts.length - 1), at))
      .join(gap)
      .trimEnd();
  const header = line(
    columns.map(({ title }) => title),
    (text) => text,
  );
  const body = rows.map((row, number) =>
    line(cells[number] ?? [], (text, at) => painted(text, output.color ? columns[at]?.color?.(row) : undefined)),
  );
  return [header, ...body].map((text) => `${text}\n`).join('');
}

/** Takes from the widest column that may be cut until the line fits or nothing more can be taken. */
function fit<Row>(widths: number[], columns: readonly Column<Row>[], room: number): void {
  const total = (): number => widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1));
  while (total() > room) {
    const cuttable = widths.map((width, at) => (columns[at]?.cut === true ? width : 0));
    const widest = Math.max(...cuttable);
    if (widest <= narrowest) return;
    widths[cuttable.indexOf(widest)] = widest - 1;
  }
}

function padded(text: string, width: number, last: boolean): string {
  const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
  return last ? cut : cut.padEnd(width);
}

function painted(text: string, color: string | undefined): string {
  return color === undefined ? text : `\u001b[${color}m${text}\u001b[0m`;
}
