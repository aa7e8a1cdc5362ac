/**
 * A small disk of its own for the practice endpoint, so that files can be blocked and quarantined for real there, and
 * nowhere else on this machine.
 *
 * It is a file with a filesystem in it, mounted in a mount namespace that vanishes with the endpoint: nothing has to be
 * unmounted after a kill.
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
  /** Where the endpoint, and nobody else, sees it. */
  readonly mountPoint: string;
  /** Lies here, with a copy on the disk. */
  readonly sample: string;
  /** Opens the copy again and again, and says whether it may. */
  readonly reader: Child;
  stop(): Promise<void>;
}

/** Where the practice endpoint may look at all; there is nothing there when the disk could not be made. */
export function practiceMountPoint(data: string): string {
  return join(data, 'practice-disk');
}

/** Makes the disk in `data` where it is not there yet, and mounts it for the endpoint. */
export async function buildDisk(data: string, network: PracticeNetwork): Promise<PracticeDisk> {
  const image = join(data, 'practice-disk.img');
  const mountPoint = practiceMountPoint(data);
  const sample = join(data, 'sample.txt');
  await mkdir(mountPoint, { recursive: true });
  if ((await stat(image).catch(() => undefined)) === undefined) await format(image);
  const inside = ['--target', String(network.endpoint.pid), '--mount', '--net'];
  await run('nsenter', [...inside, 'mount', '-o', 'loop,nodev,nosuid', image, mountPoint], { timeout: timeoutMs });
  await writeFile(sample, sampleText(data));
  await run('nsenter', [...inside, 'cp', sample, join(mountPoint, 'sample.txt')], { timeout: timeoutMs }).catch(
    () => undefined, // From an earlier start, blocked since: the copy is there.
  );
  const log = join(data, 'practice-disk.log');
  const args = [...inside, process.execPath, reader, join(mountPoint, 'sample.txt')];
  const child = new Child({ name: 'reader', command: 'nsenter', args, log });
  return { mountPoint, sample, reader: child, stop: () => child.stop() };
}

async function format(image: string): Promise<void> {
  const half = `${image}.new`;
  const file = await open(half, 'w', 0o600);
  await file.truncate(diskBytes);
  await file.close();
  await run('mkfs.ext4', ['-q', '-F', half], { timeout: timeoutMs });
  await rename(half, image);
}

/** Of each evaluation its own, so that no file of anybody else has the same hash. */
function sampleText(data: string): string {
  return `A harmless sample of the Cordon evaluation in ${data}.\nList it, and its copy on the practice endpoint can no longer be opened.\n`;
}
