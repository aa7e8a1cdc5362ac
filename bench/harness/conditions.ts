/** The conditions of a run, without which figures mean nothing. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { short, summaryOf } from './numbers.ts';

const appendMilliseconds = 1500;

/** Lines for the top of the table. */
export function conditions(): string[] {
  const cores = cpus();
  const appends = appendAndSync();
  return [
    `${cores.length} cores (${cores[0]?.model.trim() ?? 'unknown'}), ${short(totalmem() / 2 ** 30)} GiB, ${osName()}, Linux ${release()}, Node ${process.version}`,
    `disk: ${short(appends.perSecond)} appends of 128 bytes with fdatasync a second, p50 ${short(appends.p50)} ms, p99 ${short(appends.p99)} ms`,
    `load before the run: ${(loadavg()[0] ?? 0).toFixed(2)}; client, server and agents share the cores`,
  ];
}

/** The speed of the disk for the writes of a durable commit. */
function appendAndSync(): { perSecond: number; p50: number; p99: number } {
  const folder = mkdtempSync(join(tmpdir(), 'cordon-bench-'));
  const file = openSync(join(folder, 'appended'), 'a');
  const line = Buffer.alloc(128, 'x');
  const samples: number[] = [];
  const start = performance.now();
  while (performance.now() - start < appendMilliseconds) {
    const from = performance.now();
    writeSync(file, line);
    fdatasyncSync(file);
    samples.push(performance.now() - from);
  }
  closeSync(file);
  rmSync(folder, { recursive: true });
  const { p50, p99 } = summaryOf(samples);
  return { perSecond: (samples.length / (performance.now() - start)) * 1000, p50, p99 };
}

function osName(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  } catch {
    return 'Linux'; // Not every system has the file.
  }
}
