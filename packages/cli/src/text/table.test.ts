/** Tables on terminals of any width, with text in any script. */
import { describe, expect, it } from 'vitest';
import { table } from './table.ts';
import type { Column } from './table.ts';
import { cutTo, widthOf } from './width.ts';

interface Host {
  readonly name: string;
  readonly remark: string;
  readonly id: string;
}

const columns: readonly Column<Host>[] = [
  { title: 'NAME', cell: (host) => host.name, cut: true },
  { title: 'REMARK', cell: (host) => host.remark, cut: true, spare: true },
  { title: 'ID', cell: (host) => host.id },
];
const id = '492E8584-0114-694D-BF9D-44CC20141501';
const host = { name: 'receptionist-pc7', remark: 'under the stairs', id };

function shown(rows: readonly Host[], room: number): string {
  return table(columns, rows, { write: () => {}, isTerminal: true, columns: room, color: false });
}

describe('a table', () => {
  it.each([200, 72, 66, 60, 56, 50, 48, 46, 40, 20])('has every identifier whole at %i columns', (room) => {
    const text = shown([host, { ...host, name: '' }], room);
    expect(text.match(new RegExp(id, 'g'))).toHaveLength(2);
    const widest = Math.max(...text.split('\n').map(widthOf));
    expect(widest).toBeLessThanOrEqual(Math.max(room, 'ID: '.length + id.length));
  });

  it('is cut first, then has fewer columns, then becomes records', () => {
    expect(shown([host], 60)).toMatch(/^NAME +REMARK +ID\nrecep.*…  under.*…  /);
    expect(shown([host], 54)).toMatch(/^NAME +ID\nreceptionist-pc7  /);
    expect(shown([host], 46)).toMatch(/^NAME +ID\nrecepti…  /);
    expect(shown([host, host], 45)).toBe(
      `NAME: receptionist-pc7\nREMARK: under the stairs\nID: ${id}\n\n`.repeat(2).replace(/\n$/, ''),
    );
  });

  it('stands in line whatever script its cells are written in', () => {
    const names = ['client01', '受付の端末', '접수처', 'e\u0301te\u0301', '👩‍💻 Ada', 'ｆｕｌｌ', '한글🇩🇪x'];
    const text = shown(
      names.map((name) => ({ name, remark: host.remark, id })),
      100,
    );
    const before = text
      .split('\n')
      .slice(1, -1)
      .map((line) => widthOf(line.slice(0, line.indexOf('under'))));
    expect(new Set(before).size).toBe(1);
  });
});

describe('the width of a text', () => {
  it.each([
    ['client01', 8],
    ['受付', 4],
    ['한글', 4],
    ['ｆ', 2],
    ['e\u0301', 1],
    ['👩‍💻', 2],
    ['❤️', 2],
    ['🇩🇪', 2],
    ['Ünï', 3],
    ['\u200b', 0],
    ['', 0],
  ])('of %j is %i', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  it('is kept where a text is cut, and no letter is cut in two', () => {
    expect(cutTo('受付の端末', 6)).toBe('受付…');
    expect(cutTo('👩‍💻👩‍💻👩‍💻', 4)).toBe('👩‍💻…');
    expect(cutTo('client01', 8)).toBe('client01');
  });
});
