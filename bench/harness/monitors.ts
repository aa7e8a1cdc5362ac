/**
 * The other on-access monitors, each with its own settings, sockets and signatures, and each on one loop image only. The
 * machine's own services are not touched.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const timeoutMs = 30_000;

export interface Monitor {
  readonly pids: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** What all of them search for. */
export interface MonitorPlan {
  readonly scratch: string;
  readonly point: string;
  readonly listed: Buffer;
  readonly sha1s: readonly string[];
}

const noParsers =
  'ScanPE ScanELF ScanOLE2 ScanPDF ScanSWF ScanXMLDOCS ScanHWP3 ScanHTML ScanMail ScanArchive ScanImage ' +
  'HeuristicAlerts Bytecode PhishingSignatures PhishingScanURLs';

/** One line per hash, for files of any size, as ClamAV expects. Returns the folder. */
export function clamDatabase(scratch: string, sha1s: readonly string[]): string {
  const folder = join(scratch, 'signatures');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'listed.hsb'), sha1s.map((sha1) => `${sha1.toLowerCase()}:*:listed:73\n`).join(''));
  return folder;
}

export async function startClamav({ scratch, point, sha1s, listed }: MonitorPlan): Promise<Monitor> {
  const sha1 = createHash('sha1').update(listed).digest('hex');
  const database = clamDatabase(scratch, [...sha1s, sha1]);
  const [config, socket] = [join(scratch, 'clamd.conf'), join(scratch, 'clamd.sock')];
  const lines = [
    `DatabaseDirectory ${database}`,
    `LocalSocket ${socket}`,
    `TemporaryDirectory ${scratch}`,
    'User clamav',
    'Foreground yes',
    ...noParsers.split(' ').map((name) => `${name} no`),
    `OnAccessIncludePath ${point}`,
    'OnAccessPrevention yes',
    'OnAccessExcludeUname clamav',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  chownSync(scratch, idOf('clamav'), 0);
  const clamd = spawn('clamd', ['--config-file', config], { stdio: 'ignore' });
  const stopClamd = stopOf([clamd]);
  await untilReady('clamd', clamd, () => existsSync(socket)).catch(async (error: unknown) => {
    await stopClamd();
    throw error;
  });
  const onAccess = spawn('clamonacc', ['--foreground', '--fdpass', '--config-file', config], { stdio: 'ignore' });
  return { pids: { clamd: clamd.pid ?? 0, clamonacc: onAccess.pid ?? 0 }, stop: stopOf([onAccess, clamd]) };
}

/** Marks every mount of one filesystem type; `loopImage` has checked that ours is the only one. */
export function startFapolicyd({ scratch, listed }: MonitorPlan): Monitor {
  const settings = join(scratch, 'fapolicyd');
  if (!existsSync(settings)) prepareFapolicyd(settings, listed);
  const child = spawn('fapolicyd', ['--debug-deny', '--no-details'], { stdio: 'ignore' });
  return { pids: { fapolicyd: child.pid ?? 0 }, stop: stopOf([child]) };
}

/**
 * It can only use the machine's folders for settings and state, so others are mounted over them. It runs as root, because
 * not every namespace allows another user.
 */
function prepareFapolicyd(settings: string, listed: Buffer): void {
  const id = idOf('fapolicyd');
  mkdirSync(settings);
  const packaged = readFileSync('/etc/fapolicyd/fapolicyd.conf', 'utf8');
  const changed = {
    permissive: '0',
    uid: 'root',
    gid: 'root',
    watch_fs: 'ext2',
    trust: 'file',
    integrity: 'none',
    allow_filesystem_mark: '0',
  };
  const kept = packaged
    .split('\n')
    .filter((line) => !Object.keys(changed).some((name) => line.startsWith(`${name} =`)));
  const ours = Object.entries(changed).map(([name, value]) => `${name} = ${value}`);
  const rules = `deny perm=any all : sha256hash=${sha256(listed)}\nallow perm=any all : all\n`;
  const trusted = readFileSync('/bin/true');
  writeFileSync(join(settings, 'fapolicyd.conf'), `${[...kept, ...ours].join('\n')}\n`);
  writeFileSync(join(settings, 'compiled.rules'), rules);
  writeFileSync(join(settings, 'fapolicyd.trust'), `/bin/true ${trusted.length} ${sha256(trusted)}\n`);
  mkdirSync(join(settings, 'trust.d'));
  execFileSync('mount', ['--bind', settings, '/etc/fapolicyd']);
  for (const place of ['/var/lib/fapolicyd', '/run']) execFileSync('mount', ['-t', 'tmpfs', 'none', place]);
  mkdirSync('/run/fapolicyd');
  for (const place of ['/var/lib/fapolicyd', '/run/fapolicyd']) {
    chownSync(place, id, 0);
    chmodSync(place, 0o770);
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function idOf(user: string): number {
  return Number(execFileSync('id', ['-u', user], { encoding: 'utf8' }));
}

async function untilReady(name: string, child: ChildProcess, isReady: () => boolean): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!isReady()) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}.`);
    if (performance.now() > deadline) throw new Error(`${name} was not ready within ${timeoutMs / 1000} s.`);
    await sleep(20);
  }
}

/** In this order: the requesting program before the one that answers. */
function stopOf(children: readonly ChildProcess[]): () => Promise<void> {
  return async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
  };
}
