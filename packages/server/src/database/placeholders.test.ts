/** Prepared queries: which value goes into which parameter. */
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { describe, expect, it } from 'vitest';
import { placeholders } from './placeholders.ts';
import type { Tables } from './tables/all.ts';

const queries = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});

describe('a prepared query', () => {
  it('finds its values wherever they land, and as often', () => {
    const { text, order } = placeholders(queries, (on, name: string, value: number) =>
      on
        .selectFrom('counters')
        .selectAll()
        .where('value', '>', value)
        .where('name', '=', name)
        .where('value', '<', value),
    );
    expect(text).toBe('select * from "counters" where "value" > ? and "name" = ? and "value" < ?');
    expect(order).toEqual([1, 0, 1]);
  });

  it('without values has none', () => {
    expect(placeholders(queries, (on) => on.selectFrom('counters').selectAll()).order).toEqual([]);
  });

  it('that brings a value of its own is refused, because it would be bound to nothing', () => {
    expect(() => placeholders(queries, (on) => on.selectFrom('counters').selectAll().where('value', '=', 5))).toThrow(
      'A prepared query takes all its values as arguments: select * from "counters" where "value" = ?',
    );
  });
});
