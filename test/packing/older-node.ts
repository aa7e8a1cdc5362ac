/** Finds the oldest installed Node that the published packages support. */
import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

/** Node 20 if it is installed, else the Node that runs this. */
export function olderNode(): { path: string; version: string } {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  for (const folder of folders) {
    const path = join(folder, 'node');
    const version = versionOf(path);
    if (version !== undefined && /^v2[0-3]\./.test(version)) return { path, version };
  }
  return { path: process.execPath, version: process.version };
}

function versionOf(path: string): string | undefined {
  try {
    return execFileSync(path, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined; // No Node there; the next folder may have one.
  }
}
