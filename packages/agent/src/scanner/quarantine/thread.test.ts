/** The quarantine behind its thread: what stops it, and that it continues once the cause is gone. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../../../test/harness/eventually.ts';
import { QuarantineFailure } from './failure.ts';
import type { Problem } from '../../problem.ts';
import { QuarantineThread } from './thread.ts';

/** Dies at the first request as long as the folder has no file of this name. */
const mortal = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { existsSync } from 'node:fs';
    import { parentPort, workerData } from 'node:worker_threads';
    parentPort.on('message', ({ id }) => {
      if (!existsSync(workerData.folder + '/well')) throw new Error('This thread fails on purpose.');
      parentPort.postMessage({ id, kind: 'done', value: [] });
    });
  `)}`,
);

let folder: string;
let quarantine: QuarantineThread | undefined;
let problems: Problem[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-quarantine-thread-'));
  problems = [];
});

afterEach(async () => {
  await quarantine?.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(program?: URL): QuarantineThread {
  quarantine = new QuarantineThread(folder, program ? { changed, program } : { changed });
  return quarantine;
}

function changed(problem: Problem): void {
  problems.push(problem);
}

async function failureOf(asked: Promise<unknown>): Promise<QuarantineFailure> {
  const error: unknown = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof QuarantineFailure) return error;
  throw new Error('It was expected to fail with a message.');
}

describe('the quarantine', () => {
  test('that cannot be opened gives each request the reason, and works when the cause is gone', async () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'key'), 'short');
    const asked = open();
    for (const kind of ['list', 'recover'] as const) {
      const { reason, message } = await failureOf(asked.ask({ kind }));
      expect({ reason, message }).toEqual({
        reason: 'failed',
        message: expect.stringMatching(/^The quarantine cannot be opened: .*key has 5 bytes and not 32/),
      });
    }
    rmSync(join(folder, 'key'));
    expect(await asked.ask<'list'>({ kind: 'list' })).toEqual([]);
    expect(problems).toEqual([expect.stringContaining('has 5 bytes'), undefined]);
  });

  test('whose thread has died gets a new one, and the open requests fail', async () => {
    const asked = open(mortal);
    const died = 'The thread that keeps the quarantine failed: This thread fails on purpose.';
    const both = [asked.ask<'list'>({ kind: 'list' }), asked.ask<'list'>({ kind: 'list' })].map(failureOf);
    for (const { message } of await Promise.all(both)) expect(message).toBe(died);
    // Not restarted at once: a sweep with many matches must not start a thread for each.
    expect((await failureOf(asked.ask<'list'>({ kind: 'list' }))).message).toBe(died);
    writeFileSync(join(folder, 'well'), '');
    const list = await eventually('a new thread answers', async () =>
      asked.ask<'list'>({ kind: 'list' }).catch(() => undefined),
    );
    expect(list).toEqual([]);
    expect(problems).toEqual([died, undefined]);
  });

  test('that is closed answers no request, and reports no problem', async () => {
    const asked = open();
    expect(await asked.ask<'list'>({ kind: 'list' })).toEqual([]);
    await asked.close();
    expect((await failureOf(asked.ask<'list'>({ kind: 'list' }))).message).toBe('The agent is being stopped.');
    expect(problems).toEqual([]);
  });
});
