/** Detections and copies for tests of suspicious objects. */
import { randomUUID } from 'node:crypto';
import type { Copy, Detection, DetectedFile } from '@cordon/protocol/channel';

let hashes = 0;

/** A SHA-1 that no other test uses. */
export function newSha1(): string {
  hashes += 1;
  return `${process.pid.toString(16)}${hashes.toString(16).padStart(12, '0')}`.padStart(40, 'C').toUpperCase();
}

export function detectedFile(change: Partial<DetectedFile> = {}): DetectedFile {
  return {
    path: { text: '/srv/share/invoice.exe' },
    sha1: newSha1(),
    size: 68,
    device: 1,
    inode: 2,
    otherLinks: 0,
    quarantine: null,
    usedBy: [],
    ...change,
  };
}

export function detection(sequence: number, change: Partial<Detection> = {}): Detection {
  const file = change.file ?? detectedFile();
  return {
    sequence,
    at: Date.now(),
    detectedBy: 'open',
    object: { type: 'file', content: file.sha1 },
    action: 'logged',
    remark: null,
    count: 1,
    file,
    process: { pid: 7, startedAt: 9, name: 'cat', executable: '/usr/bin/cat', commandLine: 'cat invoice.exe' },
    user: { id: 1000, name: 'anna' },
    remote: null,
    ...change,
  };
}

/** A quarantined file for an object, with its name in the quarantine. */
export function quarantined(
  sequence: number,
  sha1: string,
  change: Partial<Detection> = {},
): Detection & { name: string } {
  const name = randomUUID();
  const file = detectedFile({ sha1, quarantine: name });
  return { ...detection(sequence, { file, action: 'quarantined', ...change }), name };
}

export function copyOf(sha1: string, change: Partial<Copy> = {}): Copy {
  return { sha1, path: { text: '/opt/tool' }, size: 5, modifiedAt: 1, package: null, usedBy: [], ...change };
}
