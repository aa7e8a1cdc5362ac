/**
 * The spool of detections: it loses nothing it acknowledged, uses no sequence twice, and is bounded, however it ends.
 */
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Match } from '../../ipc/worker-messages.ts';
import { truncateDetection, sentBytes } from './truncate-detection.ts';
import type { Source } from './segment.ts';
import { Spool } from './spool.ts';

let folder: string;
let logged: string[];
let kept: [string, number][];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-spool-'));
  logged = [];
  kept = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function spool(bounds?: { bytes: number; segment: number }): Spool {
  return new Spool({
    folder,
    ...(bounds ? { bounds } : {}),
    log: (event) => logged.push(event),
    kept: (worker, number) => kept.push([worker, number]),
    grown: () => undefined,
  });
}

function match(remark: string | null): Match {
  return {
    at: 1,
    detectedBy: 'open',
    object: { type: 'file_sha1', content: 'A'.repeat(40) },
    action: 'blocked',
    remark,
    count: 1,
    file: null,
    process: null,
    user: null,
    remote: null,
  };
}

function from(number: number, session = 'boot 1 1'): Source {
  return { worker: 'on-access', session, number };
}

const waiting = (one: Spool): [number, string | null][] =>
  one.batch().map(({ sequence, remark }) => [sequence, remark]);

describe('a detection', () => {
  test('can be sent, and counts as kept, once it is on disk', async () => {
    const one = spool();
    one.add(match('a'), from(4));
    expect(one.batch()).toEqual([]);
    await one.flush();
    expect(waiting(one)).toEqual([[1, 'a']]);
    expect(kept).toEqual([['on-access', 4]]);
    expect(one.has(from(4))).toBe(true);
    expect(one.has(from(5))).toBe(false);
    expect(one.has(from(4, 'boot 2 2'))).toBe(false);
    await one.close();
  });

  test('is there after a restart, with the worker that sent it, until it is recorded', async () => {
    const first = spool();
    for (const remark of ['a', 'b', 'c']) first.add(match(remark), from(remark.charCodeAt(0)));
    await first.close();
    const second = spool();
    expect(second.length).toBe(3);
    second.recorded(2);
    await second.close();
    const third = spool();
    expect(waiting(third)).toEqual([[3, 'c']]);
    expect(third.has(from(99))).toBe(true);
    third.add(match('d'));
    third.recorded(99);
    await third.flush();
    expect(waiting(third)).toEqual([[4, 'd']]);
    await third.close();
  });

  test('has a sequence of its own after all before it are recorded and their files are gone', async () => {
    const first = spool({ bytes: 1 << 20, segment: 100 });
    for (const remark of ['a', 'b', 'c']) first.add(match(remark));
    await first.flush();
    first.recorded(3);
    expect(readdirSync(folder).filter((name) => name.endsWith('.jsonl'))).toHaveLength(1);
    await first.close();
    const second = spool();
    second.add(match('d'));
    await second.flush();
    expect(waiting(second)).toEqual([[4, 'd']]);
    await second.close();
  });

  test('whose line was cut off by a power cut is gone, and its sequence with it', async () => {
    const first = spool();
    first.add(match('a'));
    first.add(match('b'));
    await first.close();
    const name = readdirSync(folder).find((one) => one.endsWith('.jsonl')) ?? '';
    const content = readFileSync(join(folder, name));
    writeFileSync(join(folder, name), content.subarray(0, -7));
    const second = spool();
    expect(logged).toContain('spool damaged');
    second.add(match('c'));
    await second.flush();
    expect(waiting(second)).toEqual([[1, 'a']]);
    second.recorded(1);
    const [next] = second.batch();
    expect(next?.remark).toBe('c');
    expect(next?.sequence).toBeGreaterThan(2);
    await second.close();
  });

  test('damaged in any way, the spool neither throws nor gives a sequence twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat(3000), byte: fc.nat(255) }), { maxLength: 5 }),
        async (damage) => {
          const first = spool({ bytes: 1 << 20, segment: 600 });
          for (let index = 0; index < 8; index += 1) first.add(match(String(index)));
          await first.flush();
          await first.close();
          for (const name of readdirSync(folder).filter((one) => one.endsWith('.jsonl'))) {
            const content = readFileSync(join(folder, name));
            for (const { at, byte } of damage) if (at < content.length) content[at] = byte;
            writeFileSync(join(folder, name), content);
          }
          const second = spool();
          second.add(match('new'));
          await second.flush();
          const remarks = new Map<number, string | null>();
          for (let seen = second.batch(); seen.length > 0; seen = second.batch()) {
            for (const { sequence, remark } of seen) {
              expect(remarks.has(sequence)).toBe(false);
              remarks.set(sequence, remark);
            }
            second.recorded(Math.max(...seen.map(({ sequence }) => sequence)));
          }
          const sequences = [...remarks].filter(([, remark]) => remark === 'new').map(([sequence]) => sequence);
          expect(sequences).toEqual([expect.any(Number)]);
          expect(Math.min(...sequences)).toBeGreaterThan(8);
          await second.close();
          for (const name of readdirSync(folder)) rmSync(join(folder, name));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('the spool', () => {
  test('sends at most 100 in a batch, oldest first', async () => {
    const one = spool();
    for (let index = 1; index <= 250; index += 1) one.add(match(null));
    await one.flush();
    const sent: number[] = [];
    for (let batch = one.batch(); batch.length > 0; batch = one.batch()) {
      expect(batch.length).toBeLessThanOrEqual(100);
      sent.push(...batch.map(({ sequence }) => sequence));
      one.recorded(sent.at(-1) ?? 0);
    }
    expect(sent).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
    expect(one.length).toBe(0);
    await one.close();
  });

  test('that is full drops the oldest, and the next detection says how many', async () => {
    const one = spool({ bytes: 3000, segment: 1000 });
    for (let index = 1; index <= 40; index += 1) one.add(match(`number ${index}`));
    await one.flush();
    expect(logged).toContain('spool full');
    const left = waiting(one);
    expect(left.length).toBeLessThan(40);
    const sent = left.flatMap(([, remark]) => /^(\d+) earlier detections were dropped/.exec(remark ?? '')?.[1] ?? []);
    expect(sent.length).toBeGreaterThan(0);
    expect(one.length).toBeLessThan(40);
    await one.close();
  });

  test('counts what a disk has refused, and begins when it no longer does', async () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'in the way');
    const one = spool();
    one.add(match('lost'));
    expect(logged).toEqual(['spool not readable', 'detection lost']);
    rmSync(folder);
    one.add(match('kept'));
    await one.flush();
    expect(waiting(one)).toEqual([[1, '1 earlier detections were dropped at the endpoint. kept']]);
    await one.close();
  });

  test('leaves other files alone, and ignores them', async () => {
    appendFileSync(join(folder, 'notes.txt'), 'mine');
    const one = spool();
    one.add(match('a'));
    await one.close();
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  });
});

test('a detection of a hostile process fits a frame', () => {
  const process = { pid: 1, startedAt: 1, name: '\u0001'.repeat(255), executable: '\u0001'.repeat(4096) };
  const hostile = { ...process, commandLine: '\u0001'.repeat(4096) };
  const file = {
    path: { text: `/${'\u0001'.repeat(4095)}` },
    sha1: 'A'.repeat(40),
    size: 1,
    device: 1,
    inode: 1,
    otherLinks: 0,
    quarantine: null,
    usedBy: Array.from({ length: 32 }, () => hostile),
  };
  const small = truncateDetection({ ...match(null), file, process: hostile });
  expect(sentBytes({ ...match(null), file, process: hostile })).toBeGreaterThan(1_000_000);
  expect(sentBytes(small)).toBeLessThan(400_000);
  expect(small.file?.path).toEqual(file.path);
});
