/** The spool under kill -9: what it acknowledged is sent, and no sequence ever names two detections. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { Spool } from '../../packages/agent/src/enforcer/detections/spool.ts';
import { testProgram, temporaryFolder } from './paths.ts';

const lives = 8;
const place = temporaryFolder();
afterAll(() => place.remove());

const sent = new Map<number, string | null>();

function note(batch: readonly { sequence: number; remark: string | null }[]): void {
  for (const { sequence, remark } of batch) {
    const before = sent.get(sequence);
    if (before !== undefined && before !== remark) throw new Error(`${sequence} is "${before}" and "${remark}".`);
    sent.set(sequence, remark);
  }
}

/** The highest number that it acknowledged before it was killed. */
async function live(life: number): Promise<number> {
  const child = spawn(process.execPath, [testProgram('spool-filler.ts'), place.path, String(life)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let kept = 0;
  const begun = Promise.withResolvers<void>();
  const ended = new Promise((resolve) => {
    createInterface({ input: child.stdout })
      .on('line', (line) => {
        // The last line may be cut off.
        if (!line.endsWith('}')) return;
        const said = JSON.parse(line);
        kept = Math.max(kept, said.kept ?? 0);
        note(said.batch ?? []);
        if (kept > 0) begun.resolve();
      })
      .once('close', resolve);
  });
  await begun.promise;
  await sleep(Math.random() * 300);
  child.kill('SIGKILL');
  await ended;
  return kept;
}

test(
  'killed again and again, it loses nothing that was kept and uses no sequence twice',
  { timeout: 180_000 },
  async () => {
    const kept: number[] = [];
    for (let life = 0; life < lives; life += 1) kept.push(await live(life));
    const spool = new Spool({
      folder: place.path,
      log: () => undefined,
      kept: () => undefined,
      grown: () => undefined,
    });
    for (let batch = spool.batch(); batch.length > 0; batch = spool.batch()) {
      note(batch);
      spool.recorded(batch.at(-1)?.sequence ?? 0);
    }
    await spool.close();
    const remarks = new Set(sent.values());
    const missing = kept.flatMap((upTo, life) =>
      Array.from({ length: upTo }, (_, index) => `life ${life}, ${index + 1}`).filter((remark) => !remarks.has(remark)),
    );
    expect(kept).toHaveLength(lives);
    expect(missing).toEqual([]);
    expect(remarks.size).toBe(sent.size);
  },
);
