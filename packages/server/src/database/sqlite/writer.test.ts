/** Group commit: writes of one moment share a transaction, and one that fails does not affect the others. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Writer } from './writer.ts';

let directory: string;
let file: string;
let writer: Writer;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'cordon-writer-'));
  file = join(directory, 'test.sqlite');
  writer = new Writer(file);
  await writer.transaction(async () => {
    await writer.execute('create table parents (id integer primary key)', []);
    await writer.execute(
      'create table things (id integer primary key autoincrement, name text unique, parent integer references parents deferrable initially deferred)',
      [],
    );
  });
});

afterEach(async () => {
  await writer.close().catch(() => undefined);
  await rm(directory, { recursive: true, force: true });
});

function add(name: string, parent: number | null = null): Promise<unknown> {
  return writer.transaction(() => writer.execute('insert into things (name, parent) values (?, ?)', [name, parent]));
}

/** What another connection sees: only committed rows. */
function names(): unknown[] {
  const reader = new DatabaseSync(file, { readOnly: true });
  try {
    return reader
      .prepare('select name from things order by id')
      .all()
      .map((row) => row['name']);
  } finally {
    reader.close();
  }
}

describe('jobs of one moment', () => {
  it('are all committed once they are acknowledged, in the order they were asked for', async () => {
    const desired = Array.from({ length: 600 }, (_, index) => `thing ${index}`);
    await Promise.all(desired.map((name) => add(name)));
    expect(names()).toEqual(desired);
  });

  it('leave no trace of one that failed, and the others commit', async () => {
    const failing = writer.transaction(async () => {
      await writer.execute("insert into things (name) values ('half')", []);
      throw new Error('changed my mind');
    });
    const [first, second, third] = await Promise.allSettled([add('a'), failing, add('b')]);
    expect([first?.status, second?.status, third?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(names()).toEqual(['a', 'b']);
    await expect(failing).rejects.toThrow('changed my mind');
  });

  it('leave no trace of one whose statement failed', async () => {
    await add('taken');
    const failing = writer.transaction(async () => {
      await writer.execute("insert into things (name) values ('before')", []);
      await writer.execute("insert into things (name) values ('taken')", []);
    });
    await Promise.all([expect(failing).rejects.toThrow('UNIQUE constraint failed: things.name'), add('other')]);
    expect(names()).toEqual(['taken', 'other']);
  });

  it('are all refused when their commit fails, and what follows is not', async () => {
    // A deferred foreign key is checked only by the commit.
    const outcomes = await Promise.allSettled([add('good'), add('orphan', 99), add('good too')]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'FOREIGN KEY constraint failed' } });
    }
    expect(names()).toEqual([]);
    await add('later');
    expect(names()).toEqual(['later']);
  });

  it('see what the jobs before them wrote', async () => {
    const [, count] = await Promise.all([
      add('one'),
      writer.transaction(() => writer.execute('select count(*) as count from things', [])),
    ]);
    expect(count.rows).toEqual([{ count: 1 }]);
  });
});

describe('a job', () => {
  it('returns what its work returned', async () => {
    expect(await writer.transaction(async () => 42)).toBe(42);
  });

  it('that asks while another runs waits for its turn', async () => {
    const order: string[] = [];
    const first = writer.transaction(async () => {
      await writer.execute('select 1', []);
      order.push('first');
    });
    const second = writer.transaction(async () => {
      order.push('second');
    });
    await Promise.all([second, first]);
    expect(order).toEqual(['first', 'second']);
  });

  it('hears at once that no transaction can begin, and a later one may', async () => {
    const other = new DatabaseSync(file);
    other.exec('begin immediate');
    const waiting = Promise.allSettled([add('a'), add('b')]);
    const outcomes = await waiting;
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'database is locked' } });
    other.exec('rollback');
    other.close();
    await add('c');
    expect(names()).toEqual(['c']);
  });

  it('is still done when the writer closes after it was asked for', async () => {
    const asked = add('last');
    await writer.close();
    await asked;
    expect(names()).toEqual(['last']);
  });

  it('is refused once the writer is closed', async () => {
    await writer.close();
    await expect(add('too late')).rejects.toThrow('The database is closed.');
  });
});
