/** For measurement programs that `in-namespaces.ts` starts in namespaces. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MeasurementMessage, Invocation } from './in-namespaces.ts';

/** Runs `measure`, sends the result, and ends with the bench. */
export async function runMeasurement<P, T>(measure: (invocation: Invocation<P>) => Promise<T>): Promise<never> {
  const invocation: Invocation<P> = JSON.parse(process.argv[2] ?? '{}');
  if (readlinkSync('/proc/self/ns/mnt') === invocation.outside)
    throw new Error('This program must not run in the mount namespace of the machine.');
  process.on('disconnect', () => process.exit(1));
  try {
    await send({ result: await measure(invocation) });
  } catch (error) {
    await send({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  process.exit(0);
}

export function say(line: string): void {
  void send({ say: line });
}

async function send(message: MeasurementMessage<unknown>): Promise<void> {
  await new Promise((resolve) => process.send?.(message, resolve));
}

/** A tmpfs for sockets, settings and mount points, so that nothing is left on the machine. */
export function scratch(folder: string): string {
  const place = join(folder, 'scratch');
  mkdirSync(place);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'none', place]);
  return place;
}

export interface LoopImage {
  readonly point: string;
  /** Drops it from every cache. */
  remount(): void;
}

export interface ImagePlan {
  /** On a disk. */
  readonly folder: string;
  readonly point: string;
  readonly type: 'ext2' | 'ext4';
  readonly size: string;
  readonly inodes: number;
}

/**
 * A filesystem image that bypasses the machine's page cache. For ext2, nothing else here may have that type, so that a
 * monitor that marks by type finds only this one.
 */
export function loopImage({ folder, point, type, size, inodes }: ImagePlan): LoopImage {
  const others = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[2] === type);
  if (type === 'ext2' && others.length > 0) throw new Error('Something else here is mounted as ext2: not safe.');
  const image = join(folder, `image of ${type}`);
  execFileSync('truncate', ['-s', size, image]);
  execFileSync(`mkfs.${type}`, ['-q', '-N', String(inodes), '-m', '0', image]);
  const device = execFileSync('losetup', ['--find', '--show', '--direct-io=on', image], { encoding: 'utf8' }).trim();
  // Kept open: the kernel frees the detached device when the last user closes it, at the latest when we end.
  openSync(device, 'r');
  mkdirSync(point, { recursive: true });
  const mount = (): unknown => execFileSync('mount', ['-t', type, device, point]);
  mount();
  execFileSync('losetup', ['--detach', device]);
  rmSync(image);
  if (statSync(point).dev === statSync('/').dev) throw new Error('The image is not mounted.');
  return {
    point,
    remount: () => {
      execFileSync('umount', [point]);
      mount();
    },
  };
}
