/** A table has one owner: no query of another room names it, but for the exceptions that are written down. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { foreignAccess, owners } from '../../packages/server/src/database/owners.ts';

const sources = new URL('../../packages/server/src/', import.meta.url).pathname;
const tables = new Set<string>(Object.keys(owners));

interface Use {
  readonly room: string;
  readonly table: string;
  readonly access: 'read' | 'write';
}

/** The tables that a file names in SQL, by Kysely's words and by SQL's own. */
function usesIn(room: string, text: string): Use[] {
  const found: Use[] = [];
  const add = (table: string, access: Use['access']): void => {
    if (tables.has(table)) found.push({ room, table, access });
  };
  const calls = /\b(selectFrom|innerJoin|leftJoin|insertInto|updateTable|deleteFrom)\(\s*(\[[^\]]*\]|'[^']*')/g;
  for (const [, call = '', names = ''] of text.matchAll(calls)) {
    const access = /^(?:insert|update|delete)/.test(call) ? 'write' : 'read';
    for (const [, table = ''] of names.matchAll(/'(\w+)(?: as \w+)?'/g)) add(table, access);
  }
  for (const [, statement = ''] of text.matchAll(/\bsql(?:<[^`]*?>)?`([^`]*)`/g)) {
    for (const [, table = ''] of statement.matchAll(/\b(?:from|join)\s+(\w+)/gi)) add(table, 'read');
    for (const [, table = ''] of statement.matchAll(/\b(?:insert into|update|delete from)\s+(\w+)/gi))
      add(table, 'write');
  }
  return found;
}

function foreign(uses: readonly Use[]): string[] {
  const others = uses.filter(({ room, table }) => {
    const [, owner] = Object.entries(owners).find(([name]) => name === table) ?? [];
    return owner !== 'every room' && owner !== room;
  });
  return [...new Set(others.map(({ room, table, access }) => `${room} ${access}s ${table}`))].sort();
}

function everyUse(): Use[] {
  const rooms = readdirSync(sources).filter((name) => statSync(join(sources, name)).isDirectory());
  return rooms
    .filter((room) => room !== 'database')
    .flatMap((room) =>
      readdirSync(join(sources, room))
        .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
        .flatMap((file) => usesIn(room, readFileSync(join(sources, room, file), 'utf8'))),
    );
}

describe('a table', () => {
  it('is named in the SQL of its owner only, and of those who have a reason', () => {
    const allowed = foreignAccess.map(({ room, table, access }) => `${room} ${access}s ${table}`);
    expect(foreign(everyUse())).toEqual(allowed.sort());
  });

  it('that another room reads or changes is seen, in the builder and in plain SQL', () => {
    const builder = usesIn('groups', "tx\n  .selectFrom('webhooks as w')\n  .innerJoin('events', 'a', 'b')");
    expect(foreign(builder)).toEqual(['groups reads events', 'groups reads webhooks']);
    expect(foreign(usesIn('groups', "tx.updateTable('accounts').set({})"))).toEqual(['groups writes accounts']);
    const plain = usesIn('groups', 'sql<{ a: 1 }>`select 1 from groups join syslog on true`');
    expect(foreign(plain)).toEqual(['groups reads syslog']);
  });
});
