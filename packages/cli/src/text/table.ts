/** Draws a table that fits the terminal, or records one below the other. */
import { printable } from './text.ts';
import { cutTo, padTo, widthOf } from './width.ts';
import type { Output } from '../world/world.ts';

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** May be truncated with an ellipsis on a narrow terminal; values that people copy must not be. */
  readonly cut?: boolean;
  /** May be dropped on a narrow terminal, the last such column first. */
  readonly spare?: boolean;
  /** SGR parameters, if colours are on: `31` is red. */
  readonly color?: (row: Row) => string | undefined;
}

/** A column ready to draw. */
interface Drawn<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly string[];
  readonly width: number;
}

const gap = '  ';
const narrowest = 8;

/** Header and rows, one line each. Only a terminal limits the width; a pipe gets every character. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], output: Output): string {
  const natural = columns.map((column) => drawn(column, rows));
  const fitting = output.isTerminal ? fitTo(natural, output.columns) : natural;
  return fitting === undefined ? records(natural, rows, output) : lines(fitting, rows, output);
}

function drawn<Row>(column: Column<Row>, rows: readonly Row[]): Drawn<Row> {
  const cells = rows.map((row) => printable(column.cell(row)) || '-');
  return { column, cells, width: cells.reduce((most, cell) => Math.max(most, widthOf(cell)), widthOf(column.title)) };
}

/** Columns that fit: some truncated, then optional ones dropped. Undefined if the rest is still too wide. */
function fitTo<Row>(columns: readonly Drawn<Row>[], room: number): readonly Drawn<Row>[] | undefined {
  const cut = shrunk(columns, room);
  if (total(cut) <= room) return cut;
  const spare = columns.findLastIndex(({ column }) => column.spare === true);
  return spare < 0 ? undefined : fitTo(columns.toSpliced(spare, 1), room);
}

/** Narrows the widest column that may be truncated, until the line fits or nothing more can be narrowed. */
function shrunk<Row>(columns: readonly Drawn<Row>[], room: number): readonly Drawn<Row>[] {
  const widths = columns.map(({ width }) => width);
  for (let over = total(columns) - room; over > 0; over -= 1) {
    const cuttable = widths.map((width, at) => (columns[at]?.column.cut === true ? width : 0));
    const widest = Math.max(...cuttable);
    if (widest <= narrowest) break;
    widths[cuttable.indexOf(widest)] = widest - 1;
  }
  return columns.map((column, at) => ({ ...column, width: widths[at] ?? 0 }));
}

function total<Row>(columns: readonly Drawn<Row>[]): number {
  return columns.reduce((sum, { width }) => sum + width, gap.length * (columns.length - 1));
}

function lines<Row>(columns: readonly Drawn<Row>[], rows: readonly Row[], output: Output): string {
  const line = (cell: (column: Drawn<Row>) => string): string => `${columns.map(cell).join(gap).trimEnd()}\n`;
  const header = line(({ column, width }) => padTo(column.title, width));
  const body = rows.map((row, number) =>
    line((one) => {
      const text = cutTo(one.cells[number] ?? '', one.width);
      const padded = one === columns.at(-1) ? text : padTo(text, one.width);
      return painted(padded, colorOf(one, row, output));
    }),
  );
  return [header, ...body].join('');
}

/** Each row as lines of `TITLE: cell`, in full; the terminal wraps long ones. */
function records<Row>(columns: readonly Drawn<Row>[], rows: readonly Row[], output: Output): string {
  const record = (row: Row, number: number): string =>
    columns
      .map((one) => `${one.column.title}: ${painted(one.cells[number] ?? '', colorOf(one, row, output))}\n`)
      .join('');
  return rows.map(record).join('\n');
}

function colorOf<Row>({ column }: Drawn<Row>, row: Row, output: Output): string | undefined {
  return output.color ? column.color?.(row) : undefined;
}

function painted(text: string, color: string | undefined): string {
  return color === undefined ? text : `\u001b[${color}m${text}\u001b[0m`;
}
