/** The generated shapes accept and refuse the same values as typebox, and read what they can. */
import * as fc from 'fast-check';
import { Compile } from 'typebox/compile';
import type { TSchema } from 'typebox';
import { describe, expect, it } from 'vitest';
import * as channel from '../channel/index.ts';
import * as channelSchemas from '../channel/schemas.ts';
import * as console from '../console/index.ts';
import * as consoleSchemas from '../console/schemas.ts';
import { sampleOf } from '../../../../test/harness/schema-samples.ts';
import type { Shape } from './shape.ts';

const shapes = new Map<string, unknown>(Object.entries({ ...channel, ...console }));
const cases = Object.entries<unknown>({ ...channelSchemas, ...consoleSchemas }).flatMap(([name, schema]) => {
  const shape = shapes.get(`${name.charAt(0).toLowerCase()}${name.slice(1)}Shape`);
  return isSchema(schema) && isShape(shape) ? [{ name, schema, shape }] : [];
});

describe('a generated shape', () => {
  it('is there for every schema that is not a mere number or text', () => {
    expect(cases.length).toBeGreaterThan(110);
  });

  it.each(cases)('of $name fits what its schema fits', ({ schema, shape }) => {
    const validator = Compile(schema);
    let fitting = 0;
    fc.assert(
      fc.property(sampleOf(schema), (value) => {
        const fits = validator.Check(value);
        fitting += fits ? 1 : 0;
        expect(shape.problem(value) === undefined).toBe(fits);
      }),
      { numRuns: 150 },
    );
    expect(fitting).toBeGreaterThan(0);
  });

  it.each(cases)('of $name reads what fits as it is, and anything without throwing', ({ schema, shape }) => {
    const validator = Compile(schema);
    fc.assert(
      fc.property(sampleOf(schema), (value) => {
        const read = shape.read(value);
        expect(validator.Check(value) ? read : value).toEqual(value);
      }),
      { numRuns: 50 },
    );
  });
});

describe('reading', () => {
  it('leaves out what a later server adds, and fills in what an earlier one does not send', () => {
    expect(console.applicationShape.read({ id: 'a', name: 'x', enabled: true, colour: 'red' })).toEqual({
      id: 'a',
      name: 'x',
      enabled: true,
      timeoutSeconds: 0,
      apiType: '',
      createdAt: 0,
      lastUsedAt: null,
      lastUsedFrom: null,
    });
  });

  it('reads a word that it does not know as the weakest that it does', () => {
    expect(console.roleShape.read('Emperor')).toBe('Read-only');
    expect(console.guardReasonShape.read({ rule: 'weather', message: 'It rains.' })?.rule).toBe('budget');
  });

  it('keeps an event kind that it does not know', () => {
    expect(console.webhookShape.read({ id: 'w', kinds: ['comet'] })?.kinds).toEqual(['comet']);
  });

  it('makes nothing of an object that has none of the fields', () => {
    expect(console.accountListShape.read({ result: 'ok' })).toBeUndefined();
    expect(console.accountListShape.read('ok')).toBeUndefined();
  });

  it('makes nothing of a list with an item that cannot be read', () => {
    expect(console.accountListShape.read({ accounts: ['admin'] })).toBeUndefined();
  });
});

describe('a problem', () => {
  it('is told with its place', () => {
    const outcome = { affected: [{ agent: 'a', hostName: 7, isolation: '' }], leftOut: [], guard: [], approval: null };
    expect(console.actOutcomeShape.problem(outcome)).toBe('/affected/0/hostName must be text');
  });
});

function isSchema(value: unknown): value is TSchema {
  return typeof value === 'object' && value !== null && '~kind' in value;
}

function isShape(value: unknown): value is Shape<unknown> {
  return typeof value === 'object' && value !== null && 'problem' in value;
}
