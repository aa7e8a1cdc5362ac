/**
 * Runs a measurement in namespaces of its own: mounts, processes and network that nobody else sees, and that vanish
 * with it, however it or the bench ends. What marks filesystems runs nowhere else.
 */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { whyNoNamespaces } from '../../quickstart/network.ts';

const run = promisify(execFile);

export interface NamespacesPlan {
  readonly program: URL;
  readonly plan: object;
  readonly timeoutMs: number;
  readonly say: (line: string) => void;
}

export type MeasurementMessage<T> = { readonly say: string } | { readonly result: T } | { readonly failed: string };

/** What a program gets that runs apart: its plan, and how to make sure of where it is. */
export interface Surroundings<P> {
  readonly plan: P;
  /** On a disk; removed afterwards. */
  readonly folder: string;
  /** The mount namespace of the machine, where nothing may be mounted or marked. */
  readonly outside: string;
}

export async function whyNoMeasurement(...programs: string[]): Promise<string | undefined> {
  const why = await whyNoNamespaces();
  if (why !== undefined) return why;
  for (const program of ['setpriv', 'mkfs.ext2', 'losetup', ...programs])
    if (!(await has(program))) return lacks(program);
  return undefined;
}

export async function has(program: string): Promise<boolean> {
  return run('sh', ['-c', `command -v ${program}`]).then(
    () => true,
    () => false,
  );
}

function lacks(program: string): string {
  return `the program "${program}" is missing (Debian: apt-get install e2fsprogs mount util-linux)`;
}

/** Runs to its result. All its processes die with it: at its end, when its time is up, and when we die. */
export async function runInNamespaces<T>({ program, plan, timeoutMs, say }: NamespacesPlan): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-bench-'));
  // Whom the monitors run as is to reach what lies below.
  await chmod(folder, 0o755);
  const surroundings: Surroundings<object> = { plan, folder, outside: readlinkSync('/proc/self/ns/mnt') };
  const unshare = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc', '--net'];
  const child = fork(program, [JSON.stringify(surroundings)], {
    execPath: 'setpriv',
    execArgv: ['--pdeathsig', 'KILL', 'unshare', ...unshare, process.execPath],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const exited = once(child, 'exit');
  try {
    return await new Promise<T>((resolve, reject) => {
      child.on('message', (message: MeasurementMessage<T>) => {
        if ('say' in message) say(message.say);
        else if ('result' in message) resolve(message.result);
        else reject(new Error(message.failed));
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => reject(new Error(`${program.pathname} ended with ${signal ?? code}.`)));
    });
  } finally {
    child.kill('SIGKILL');
    await exited;
    await rm(folder, { recursive: true, force: true });
  }
}
