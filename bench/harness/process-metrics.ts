/** Measures a process from outside: memory, CPU time, and stalls of its event loop. */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const preload = new URL('stalls.ts', import.meta.url).href;
/** USER_HZ; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

export interface Watch {
  /** The environment to start the process with. */
  readonly environment: Readonly<Record<string, string>>;
  /** The longest stall since the last call, in milliseconds. */
  readonly longestStall: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** A socket on which a process reports its stalls. */
export async function watchStalls(): Promise<Watch> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-bench-'));
  const socket = join(folder, 'stalls.sock');
  return {
    environment: { NODE_OPTIONS: `--import=${preload}`, CORDON_BENCH_SOCKET: socket },
    longestStall: async () => Number(await text(connect(socket))),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Resident memory now and at its peak since `forgetPeak`, bytes. */
export function memoryOf(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Seconds of CPU time that a process has used, all threads together. */
export function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}
