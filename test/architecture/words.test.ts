/** Words that are retired, names with two meanings, openings and units: what is planted is found. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ambiguous, unitless, unopened } from '../../tools/names.ts';
import { parseSource, root } from '../../tools/sources.ts';
import { retired, retiredIn } from '../../tools/words.ts';

const forms = (text: string, kind: 'name' | 'comment' | 'string' = 'name'): string[] =>
  retiredIn({ text, kind, line: 1 }).map(([form]) => form);

describe('a retired word', () => {
  it.each([
    ['wishSeal', 'wish'],
    ['renewWishesUnder', 'wishes'],
    ['#tell', 'tell'],
    ['ORDER_KEY', 'order key'],
    ['bringAbout', 'bring about'],
    ['VaultCopy', 'vault'],
    ['connectPatience', 'patience'],
  ])('is found in the name %s', (name, form) => {
    expect(forms(name)).toEqual([form]);
  });

  it.each([
    ['Whoever connects is shown out.', 'whoever'],
    ['A wish is recorded first.', 'wish'],
    ['what was carried out,\n * and what came of it', 'carried out'],
    ['`wishSeal` holds it', 'wish'],
  ])('is found in the comment "%s"', (text, form) => {
    expect(forms(text, 'comment')).toContain(form);
  });

  it('that is plain English elsewhere is found in names only', () => {
    expect(forms('the door of the room', 'comment')).toEqual([]);
    expect(forms('partsDoor')).toEqual(['door']);
  });

  it('is a whole word', () => {
    expect(forms('intelligence hostess candor', 'string')).toEqual([]);
    expect(forms('metadata')).toEqual([]);
  });

  it.each(retired.flatMap((one) => one.forms))('%s is found where it is planted', (form) => {
    expect(forms(form.replaceAll(' ', '-'))).toContain(form);
  });
});

describe('an exported name', () => {
  const one = parseSource('packages/agent/src/a.ts', 'export interface Held {}');
  const two = parseSource('packages/agent/src/b.ts', 'export class Held {}');

  it('has one meaning in a package', () => {
    expect(ambiguous([one, two])).toHaveLength(1);
  });

  it('may be exported again, and mean something else in another package', () => {
    expect(ambiguous([one, parseSource('packages/agent/src/c.ts', `export { Held } from './a.ts';`)])).toEqual([]);
    expect(ambiguous([one, parseSource('packages/server/src/b.ts', 'export class Held {}')])).toEqual([]);
  });
});

describe('a schema', () => {
  it('and its generated types may share a name', () => {
    const pair = ['tasks.schema.ts', 'tasks.shape.ts'].map((name) =>
      parseSource(`packages/protocol/src/${name}`, 'export const Task = 1;'),
    );
    expect(ambiguous(pair)).toEqual([]);
  });
});

describe('a source file', () => {
  it.each([
    ['/** Reads mountinfo. */\nexport {};', true],
    ['#!/usr/bin/env node\n// Starts the program.\n', true],
    ['/* oxlint-disable no-console -- a program */\n/** Says what it does. */', true],
    ['import x from "y";\n/** Too late. */', false],
    ['/** TODO */', false],
  ])('%j opens with a sentence: %j', (text, opens) => {
    expect(unopened([parseSource('tools/x.ts', text)]).length).toBe(opens ? 0 : 1);
  });
});

const timesWithoutUnit = (text: string): number => unitless([parseSource('packages/agent/src/x.ts', text)]).length;

describe('a time', () => {
  it('says its unit', () => {
    expect(timesWithoutUnit('const connectTimeout = 5_000;')).toBe(1);
    expect(timesWithoutUnit('const sweepInterval = 60 * 60 * 1000;')).toBe(1);
    expect(timesWithoutUnit('const connectTimeoutMs = 5_000;')).toBe(0);
    expect(timesWithoutUnit('const largestPage = 100;')).toBe(0);
  });
});

describe('the glossary', () => {
  const glossary = readFileSync(new URL('docs/glossary.md', root), 'utf8');
  const cells = glossary
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').map((cell) => cell.trim()));

  it('has every retired word, and no other', () => {
    const listed = cells.flatMap((row) => (row.at(-2) ?? '').split(', '));
    const words = listed.filter((word) => word !== '' && word !== 'retired' && !/^-+$/.test(word));
    expect(words.toSorted()).toEqual(retired.flatMap((one) => one.forms).toSorted());
  });

  it('says where each term lives, and the place exists', () => {
    const places = cells.flatMap((row) => [...(row[3] ?? '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''));
    expect(places.length).toBeGreaterThan(20);
    expect(places.filter((place) => !existsSync(new URL(place, root)))).toEqual([]);
  });
});
