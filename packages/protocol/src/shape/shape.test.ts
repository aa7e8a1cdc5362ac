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
import { integer, list, mustBeSent, nullable, number, object, optional, record, text } from './shape.ts';
import type { Shape } from './shape.ts';

const shapes = new Map<string, unknown>(Object.entries({ ...channel, ...console }));
const cases = Object.entries<unknown>({ ...channelSchemas, ...consoleSchemas }).flatMap(([name, schema]) => {
  const shape = shapes.get(`${name.charAt(0).toLowerCase()}${name.slice(1)}Shape`);
  return isSchema(schema) && isShape(shape) ? [{ name, schema, shape }] : [];
});

describe('a generated shape', () => {
  it('comes from a schema of its name', () => {
    expect(cases.length).toBeGreaterThan(100);
    expect(cases).toHaveLength([...shapes.values()].filter(isShape).length);
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
    expect(console.roleShape.read('Emperor')).toBe('Viewer');
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

describe('reading an act', () => {
  const outcome = { affected: [], leftOut: [], guard: [], approval: 7 };

  it('makes nothing of an outcome that says nothing readable of its approval', () => {
    const { approval: _, ...without } = outcome;
    expect(console.actOutcomeShape.read(without)).toBeUndefined();
    for (const approval of ['7', 7.5, true, {}, []]) {
      expect(console.actOutcomeShape.read({ ...without, approval })).toBeUndefined();
    }
    expect(console.actOutcomeShape.read(outcome)?.approval).toBe(7);
    expect(console.actOutcomeShape.read({ ...outcome, approval: null })?.approval).toBeNull();
  });

  it('makes nothing of one without the endpoints it is for, or without what the guard says', () => {
    expect(console.actOutcomeShape.read({ leftOut: [], guard: [], approval: null })).toBeUndefined();
    expect(console.actOutcomeShape.read({ affected: [], leftOut: [], approval: null })).toBeUndefined();
  });

  it('makes nothing of a listing safety check without reasons, or of an undo that does not say whether it removed', () => {
    expect(console.objectCheckShape.read({ prevalence: null })).toBeUndefined();
    expect(console.undoOutcomeShape.read({ task: null })).toBeUndefined();
    expect(console.undoOutcomeShape.read({ removed: true })).toBeUndefined();
  });
});

describe('a reader', () => {
  it('never reads what is there and is not null as null', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const inner: Shape<unknown>[] = [integer(), text(), list(integer()), record(text()), object({ id: text() })];
        for (const shape of inner) {
          expect(nullable(shape).read(value)).toEqual(value === null ? null : shape.read(value));
        }
      }),
    );
  });

  it('reads as numbers what is one, as integers what is whole', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        expect(number().read(value)).toBe(Number.isFinite(value) ? value : undefined);
        expect(integer().read(value)).toBe(Number.isInteger(value) ? value : undefined);
      }),
    );
    for (const value of [Number.NaN, Infinity, -Infinity, JSON.parse('1e999')]) {
      expect(number().read(value)).toBeUndefined();
      expect(object({ count: integer() }).read({ count: value })).toBeUndefined();
    }
    expect(integer().read(1.5)).toBeUndefined();
  });

  it('keeps every name of a record, and changes no prototype', () => {
    const sent: unknown = JSON.parse('{ "__proto__": { "admin": "yes" }, "constructor": { "x": "y" } }');
    const read = record(record(text())).read(sent);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect(Object.keys(read ?? {})).toEqual(['__proto__', 'constructor']);
    expect(JSON.stringify(read)).toBe(JSON.stringify(sent));
  });

  it('takes no inherited field for a sent one', () => {
    expect(object({ toString: optional(text()), constructor: text() }).read({})).toBeUndefined();
  });

  it('fills in no field that must be sent', () => {
    const shape = object({ id: text(), count: mustBeSent(integer()) });
    expect(shape.read({ id: 'a' })).toBeUndefined();
    expect(shape.read({ id: 'a', count: null })).toBeUndefined();
    expect(shape.read({ id: 'a', count: 0 })).toEqual({ id: 'a', count: 0 });
  });
});

describe('a problem', () => {
  it('has its place', () => {
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
