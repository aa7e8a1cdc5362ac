/** Makes a match of a listed file that was opened, with what is known of its opener. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessInfo } from '@cordon/protocol/channel';
import { filePathOf } from '../fs/path.ts';
import type { Match } from '../ipc/worker-messages.ts';
import { processName } from '../kernel/process-name.ts';
import type { FileMatch } from './reader/examiner.ts';
import type { UserNames } from './user-names.ts';

const maxNameLength = 255;
const maxTextLength = 4096;
/** Reading a command line waits for a process that is busy with its own memory. */
const commandLineTimeoutMs = 250;
const detectedBy = { open: 'open', execute: 'execute', written: 'write' } as const;

/** The opener already has its answer; only now may we open files, those of /proc. */
export async function matchFrom(match: FileMatch, users: UserNames, now: number, deadline: number): Promise<Match> {
  const { rule, file, opener } = match;
  const process = opener.pid === 0 ? null : await processInfo(opener);
  return {
    at: now,
    detectedBy: detectedBy[match.kind],
    object: { type: rule.type, content: rule.sha1 },
    action: match.late === 'no' ? match.action : 'late',
    remark: remarkOf(match, deadline),
    count: 1,
    file: {
      path: filePathOf(Buffer.from(match.path)),
      sha1: rule.sha1,
      size: file.size,
      device: file.device,
      inode: file.inode,
      otherLinks: Math.max(0, file.links - 1),
      quarantine: null,
      usedBy: [],
    },
    process,
    user: opener.user === undefined ? null : { id: opener.user, name: users.nameOf(opener.user) },
    remote: null,
  };
}

/** Names the file itself, if it is to be quarantined now. */
export function fileToQuarantine({ rule, action, late, file }: FileMatch): string | undefined {
  const isToBeQuarantined = rule.action === 'quarantine' && action === 'blocked' && late === 'no';
  return isToBeQuarantined ? `${file.device} ${file.inode} ${file.born}` : undefined;
}

function remarkOf({ late, action, kind }: FileMatch, deadline: number): string | null {
  if (late === 'allowed') return `No decision within ${deadline} ms, so the opening was allowed.`;
  if (late === 'denied') return `No decision within ${deadline} ms, so the execution was refused.`;
  if (action === 'held-back') return 'It is a protected file of the system: nothing was done.';
  return action === 'blocked' && kind === 'written' ? 'It was just written, and can no longer be opened.' : null;
}

async function processInfo({ pid, executable }: FileMatch['opener']): Promise<ProcessInfo> {
  // Its start time first: the process may be gone in a moment.
  const startedAt = processName(pid)?.startedAt ?? 0;
  const name = startedAt === 0 ? basename(executable) : nameOf(pid, executable);
  return {
    pid,
    startedAt,
    name: name.slice(0, maxNameLength),
    executable: executable.slice(0, maxTextLength),
    commandLine: startedAt === 0 ? '' : await commandLineOf(pid),
  };
}

function nameOf(pid: number, executable: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd();
  } catch {
    return basename(executable); // It has ended meanwhile.
  }
}

async function commandLineOf(pid: number): Promise<string> {
  const read = readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // It has ended meanwhile.
  const text = await Promise.race([read, sleep(commandLineTimeoutMs, '', { ref: false })]);
  return text.replaceAll('\0', ' ').trim().slice(0, maxTextLength);
}
