/**
 * A small disk for the practice endpoint, so that files can be blocked and quarantined there and nowhere else.
 *
 * It is a filesystem image, mounted in a mount namespace that vanishes with the endpoint. So nothing needs unmounting
 * after a kill.
 */
import { execFile } from 'node:child_process';
import { mkdir, open, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Child } from './processes.ts';
import type { PracticeNetwork } from './network.ts';

const run = promisify(execFile);
const reader = new URL('file-opener.ts', import.meta.url).pathname;
const diskBytes = 32 * 1024 * 1024;
const timeoutMs = 20_000;

export interface PracticeDisk {
  /** The mount point; only the endpoint sees it. */
  readonly mountPoint: string;
  /** Opens the copy again and again, and reports whether it can. */
  readonly reader: Child;
  stop(): Promise<void>;
}

/** The only place the practice endpoint may inspect; empty if the disk could not be made. */
export function practiceMountPoint(data: string): string {
  return join(data, 'practice-disk');
}

interface DiskPlan {
  readonly network: PracticeNetwork;
  /** A copy of it is on the disk. */
  readonly sample: string;
}

/** Writes the file that the README lists, also where no endpoint can have a disk with a copy of it. */
export async function writeSample(data: string): Promise<string> {
  const sample = join(data, 'sample.txt');
  await writeFile(sample, sampleText(data));
  return sample;
}

/** Creates the disk in `data` if necessary, and mounts it for the endpoint. */
export async function buildDisk(data: string, { network, sample }: DiskPlan): Promise<PracticeDisk> {
  const image = join(data, 'practice-disk.img');
  const mountPoint = practiceMountPoint(data);
  await mkdir(mountPoint, { recursive: true });
  if ((await stat(image).catch(() => undefined)) === undefined) await format(image);
  const inside = ['--target', String(network.endpoint.pid), '--mount', '--net'];
  await run('nsenter', [...inside, 'mount', '-o', 'loop,nodev,nosuid', image, mountPoint], { timeout: timeoutMs });
  await run('nsenter', [...inside, 'cp', sample, join(mountPoint, 'sample.txt')], { timeout: timeoutMs }).catch(
    () => undefined, // The copy of an earlier start is there, and blocked.
  );
  const log = join(data, 'practice-disk.log');
  const args = [...inside, process.execPath, reader, join(mountPoint, 'sample.txt')];
  const child = new Child({ name: 'reader', command: 'nsenter', args, log });
  return { mountPoint, reader: child, stop: () => child.stop() };
}

async function format(image: string): Promise<void> {
  const half = `${image}.new`;
  const file = await open(half, 'w', 0o600);
  await file.truncate(diskBytes);
  await file.close();
  await run('mkfs.ext4', ['-q', '-F', half], { timeout: timeoutMs });
  await rename(half, image);
}

/** Different for each quickstart, so that no other file has the same hash. */
function sampleText(data: string): string {
  return `A harmless sample of the Cordon quickstart in ${data}.\nList it, and its copy on the practice endpoint can no longer be opened.\n`;
}
