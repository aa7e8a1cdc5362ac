/**
 * Runs a measurement in new namespaces, for mounts, processes and network.
 *
 * Nobody else sees them, and they vanish with the measurement, however it or the bench ends. Programs that mark
 * filesystems run nowhere else.
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

/** What a measurement program receives: its plan, and how to check where it runs. */
export interface Invocation<P> {
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

/** Runs the program and returns its result. Its processes end with it: at its end, at the timeout, or when we end. */
export async function runInNamespaces<T>({ program, plan, timeoutMs, say }: NamespacesPlan): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'cordon-bench-'));
  // The users that the monitors run as must be able to enter it.
  await chmod(folder, 0o755);
  const invocation: Invocation<object> = { plan, folder, outside: readlinkSync('/proc/self/ns/mnt') };
  const unshare = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc', '--net'];
  const child = fork(program, [JSON.stringify(invocation)], {
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
