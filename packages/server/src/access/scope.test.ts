/** Scopes: each database's query selects the same agents as the check in memory. */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseKinds } from '../../../../test/harness/databases.ts';
import type { FreshDatabase } from '../../../../test/harness/databases.ts';
import { openDatabase } from '../database/database.ts';
import type { Database } from '../database/database.ts';
import { agentsInScope, inScope, scopeForm } from './scope.ts';

const folders = [
  'Workgroup',
  'Workgroup\\Paris',
  'Workgroup/Paris/Office',
  'Workgroup\\Paris\\Büro 🗼\\Ost',
  'Workgroup\\Paris-Nord',
  'workgroup\\paris',
  'Other\\Workgroup\\Paris',
  'Work%_\\x',
  'Work1a\\x',
  "'; --",
  '',
];

const scopes: [readonly string[], readonly string[]][] = [
  [[], folders],
  [['Workgroup\\Paris'], ['Workgroup\\Paris', 'Workgroup/Paris/Office', 'Workgroup\\Paris\\Büro 🗼\\Ost']],
  [['Workgroup\\Paris\\Büro 🗼'], ['Workgroup\\Paris\\Büro 🗼\\Ost']],
  [['Work%_'], ['Work%_\\x']],
  [
    ["'; --", 'Other'],
    ['Other\\Workgroup\\Paris', "'; --"],
  ],
  [['Nowhere'], []],
];

describe('folders', () => {
  it('are kept in one form, each once', () => {
    expect(scopeForm(['/Workgroup/Paris/', '\\Workgroup\\Paris', 'A'])).toEqual(['A', 'Workgroup\\Paris']);
  });
});

describe.each(databaseKinds())('on $name', (kind) => {
  let fresh: FreshDatabase;
  let database: Database;
  beforeAll(async () => {
    fresh = await kind.make();
    database = await openDatabase(fresh.address);
  });
  afterAll(async () => {
    await database.close();
    await fresh.remove();
  });

  it.each(scopes)('the folders %j hold the same agents for a query as in memory', async (scope, expected) => {
    const agents = folders.map(
      (folder, number) => sql`select ${sql.lit(number)} as number, cast(${folder} as text) as folder`,
    );
    const found = sql<{ folder: string }>`
      select folder from (${sql.join(agents, sql` union all `)}) agents where ${agentsInScope(scope)} order by number`;
    const { rows } = await found.execute(database.read);
    expect(rows.map((row) => row.folder)).toEqual(expected);
    expect(folders.filter((folder) => inScope(scope, folder))).toEqual(expected);
  });
});
