/** Processes by /proc: which ones use a file, and the end of those that a person has chosen. */
import { closeSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessName, ProcessInfo } from '@cordon/protocol/channel';
import type { FileCalls } from '../kernel/file-calls.ts';
import { processName, statFields } from '../kernel/process-name.ts';
import { codeOf, messageOf } from '../message-of.ts';
import type { Problem } from '../problem.ts';

const maxSeen = 32;
const maxNameLength = 255;
const maxTextLength = 4096;
const kill = 9;
/** How long a look through all processes may take: the rest is then left out. */
const lookTimeoutMs = 2000;
const endTimeoutMs = 3000;
/** Units of ours, and the processes that `cordon-agent run` has started beside us. */
const ownUnit = /\/cordon-(?:enforcer|link|on-access|scanner)\.service$/m;

/** The first 32 that run from it, have it mapped, or have it open, without ourselves. */
export function usersOf(device: bigint, inode: bigint): ProcessInfo[] {
  const deadline = Date.now() + lookTimeoutMs;
  const users: ProcessInfo[] = [];
  for (const pid of pids()) {
    if (users.length >= maxSeen || Date.now() > deadline) break;
    if (pid === process.pid || !uses(pid, { device, inode })) continue;
    const seen = processInfo(pid);
    if (seen) users.push(seen);
  }
  return users;
}

/** Undefined when it has ended. */
export function processInfo(pid: number): ProcessInfo | undefined {
  const startedAt = startOf(pid);
  if (startedAt === undefined) return undefined;
  return {
    pid,
    startedAt,
    name: textOf(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd(), maxNameLength),
    executable: textOf(() => readlinkSync(`/proc/${pid}/exe`), maxTextLength),
    commandLine: textOf(
      () => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trimEnd(),
      maxTextLength,
    ),
  };
}

export interface Ended {
  readonly ended: number;
  /** What did not work, one message each. */
  readonly problems: readonly string[];
}

/** SIGKILL for these very processes, and no later ones of the same numbers. */
export async function endProcesses(calls: FileCalls, processes: readonly ProcessName[]): Promise<Ended> {
  const problems: string[] = [];
  let ended = 0;
  for (const one of processes) {
    const problem = await endOne(calls, one);
    if (problem === undefined) ended += 1;
    else problems.push(problem);
  }
  return { ended, problems };
}

async function endOne(calls: FileCalls, { pid, startedAt }: ProcessName): Promise<Problem> {
  if (pid <= 1) return `Process ${pid} keeps the system up and is not ended.`;
  if (isOurs(pid)) return `Process ${pid} is one of this agent and is not ended.`;
  try {
    const process = calls.openProcess(pid);
    try {
      // Checked once we hold it: from here on the number means no other process.
      if (startOf(pid) !== startedAt) return `Process ${pid} has ended by itself; another one may have its number now.`;
      calls.signal(process, kill);
    } finally {
      closeSync(process);
    }
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return `Process ${pid} has ended by itself.`;
    return `Process ${pid} could not be ended: ${messageOf(error)}`;
  }
  return (await isGone(pid, startedAt))
    ? undefined
    : `Process ${pid} was killed, but has not ended within ${endTimeoutMs / 1000} s.`;
}

/** A zombie counts as ended. */
async function isGone(pid: number, startedAt: number): Promise<boolean> {
  for (const deadline = Date.now() + endTimeoutMs; Date.now() < deadline; await sleep(5)) {
    if (startOf(pid) !== startedAt || stateOf(pid) === 'Z') return true;
  }
  return false;
}

function isOurs(pid: number): boolean {
  if (pid === process.pid || pid === process.ppid) return true;
  if (process.ppid > 1 && Number(statFields(pid)?.[1]) === process.ppid && runsOurProgram(pid)) return true;
  return ownUnit.test(textOf(() => readFileSync(`/proc/${pid}/cgroup`, 'utf8'), maxTextLength));
}

/** Only for our siblings: any process can call itself what it likes. */
function runsOurProgram(pid: number): boolean {
  const [, own = ''] = process.argv;
  return own !== '' && textOf(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'), maxTextLength).includes(`\0${own}\0`);
}

function pids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isSafeInteger(pid) && pid > 0);
}

interface FileId {
  readonly device: bigint;
  readonly inode: bigint;
}

function uses(pid: number, file: FileId): boolean {
  if (leadsTo(`/proc/${pid}/exe`, file)) return true;
  if (namesIn(`/proc/${pid}/fd`).some((name) => leadsTo(`/proc/${pid}/fd/${name}`, file))) return true;
  return hasMapped(pid, file);
}

function leadsTo(link: string, { device, inode }: FileId): boolean {
  try {
    const stats = statSync(link, { bigint: true, throwIfNoEntry: false });
    return stats !== undefined && stats.ino === inode && stats.dev === device;
  } catch {
    return false; // It has ended, or is not readable for us.
  }
}

/** By inode first: the maps name the device as some filesystems do not. */
function hasMapped(pid: number, file: FileId): boolean {
  const inode = ` ${file.inode} `;
  const maps = textOf(() => readFileSync(`/proc/${pid}/maps`, 'latin1'), Infinity);
  if (!maps.includes(inode)) return false;
  return maps
    .split('\n')
    .filter((line) => line.includes(inode))
    .some((line) => leadsTo(`/proc/${pid}/map_files/${mapName(line)}`, file));
}

/** maps(5) pads addresses with zeros; the names in map_files have none. */
function mapName(line: string): string {
  const [range = ''] = line.split(' ', 1);
  return range
    .split('-')
    .map((address) => address.replace(/^0+(?=.)/, ''))
    .join('-');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // It has ended.
  }
}

function startOf(pid: number): number | undefined {
  return processName(pid)?.startedAt;
}

function stateOf(pid: number): string | undefined {
  return statFields(pid)?.[0];
}

/** Empty when it can no longer be read. */
function textOf(read: () => string, maxLength: number): string {
  try {
    return read().slice(0, maxLength).toWellFormed();
  } catch {
    return '';
  }
}
