/** Runs `npm start` as a program, and inspects what it creates: processes, interfaces, rules, files. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@cordon/sdk';
import { pinnedTransport } from '@cordon/sdk/node';
import type { FirstRun } from '../../quickstart/first-run.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

const main = new URL('../../quickstart/main.ts', import.meta.url).pathname;
const checkout = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');
/** A folder that every Debian system has. */
const seenAt = '/mnt';
const ready = 'Ctrl-C stops everything';

export interface Process {
  readonly pid: number;
  readonly command: string;
}

/** A user who runs quickstarts: with a data directory, and a temporary directory that nobody else uses. */
export class QuickstartUser {
  readonly data: string;
  readonly #folder: string;
  readonly #database: string | undefined;
  readonly #as: number | undefined;
  readonly #started: ChildProcess[] = [];

  /** `as` is the user id to run as; ours by default. */
  constructor(options: { database?: string; as?: number } = {}) {
    this.#folder = mkdtempSync(join(tmpdir(), 'cordon-quickstart-'));
    this.data = join(this.#folder, 'data');
    this.#database = options.database;
    this.#as = options.as;
    for (const folder of [this.data, this.temporary]) mkdirSync(folder, { mode: 0o700 });
    if (options.as === undefined) return;
    for (const folder of [this.#folder, this.data, this.temporary]) chownSync(folder, options.as, options.as);
  }

  get temporary(): string {
    return join(this.#folder, 'tmp');
  }

  /** Starts a quickstart, and waits until it says that it is ready. */
  async start(): Promise<Quickstart> {
    // A person's `npm start` outlives its parent; in a test it must not.
    const command = [process.execPath, main];
    const [program = '', ...args] =
      this.#as === undefined ? ['setpriv', '--pdeathsig', 'INT', ...command] : asSomebodyElse(this.#as, command);
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: '/',
      env: {
        PATH: process.env['PATH'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        TMPDIR: this.temporary,
        CORDON_DATA: this.data,
        CORDON_LISTEN: `127.0.0.1:${await freePort()}`,
        ...(this.#database === undefined ? {} : { CORDON_DATABASE: this.#database }),
      },
    });
    this.#started.push(child);
    const quickstart = new Quickstart(child, this.data);
    await quickstart.ready();
    return quickstart;
  }

  firstRun(): FirstRun {
    const value: FirstRun = JSON.parse(readFileSync(join(this.data, 'first-run.json'), 'utf8'));
    return value;
  }

  /** A client as a user's own script makes it, from first-run.json alone. */
  client(): Client {
    const { url, fingerprint, applicationId = '', apiKey = '' } = this.firstRun();
    return new Client({ url, applicationId, apiKey, transport: pinnedTransport({ fingerprint }) });
  }

  /** Every process started for this data directory, found by its environment. */
  processes(): Process[] {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const mark = `CORDON_DATA=${this.data}`;
    return pids.map(Number).flatMap((pid) => {
      if (!readProc(pid, 'environ').includes(mark)) return [];
      return [{ pid, command: readProc(pid, 'cmdline').join(' ') }];
    });
  }

  /** The rules in the practice endpoint's namespace. */
  endpointRules(): string {
    const args = ['--target', String(this.#pidOf('traffic.ts send')), '--net', 'nft', '-s', 'list', 'ruleset'];
    return execFileSync('nsenter', args, { encoding: 'utf8' });
  }

  /** This machine's end of the practice network. */
  interface(): string {
    return `cordon${this.#pidOf('traffic.ts listen')}`;
  }

  #pidOf(command: string): number {
    const found = this.processes().find((one) => one.command.includes(command));
    if (found === undefined) throw new Error(`No process runs "${command}".`);
    return found.pid;
  }

  async remove(): Promise<void> {
    for (const child of this.#started) if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
    await eventually('the quickstart has ended', () => this.processes().length === 0 || undefined, {
      timeoutMs: startTimeoutMs,
    });
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Takes seconds on an idle machine: several processes start one after the other. */
const startTimeoutMs = 120_000;

export class Quickstart {
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;
  readonly #data: string;
  #printed = '';

  constructor(child: ChildProcess, data: string) {
    this.#child = child;
    this.#data = data;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#printed += chunk.toString()));
    }
    this.ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code ?? -1)));
  }

  get printed(): string {
    return this.#printed;
  }

  async ready(): Promise<void> {
    await eventually(
      `the quickstart in ${this.#data} is ready`,
      () => {
        if (this.#child.exitCode !== null)
          throw new Error(`The quickstart ended before it was ready:\n${this.#printed}`);
        return this.#printed.includes(ready) || undefined;
      },
      { timeoutMs: startTimeoutMs },
    );
  }

  /** Sends the signal; resolves with the exit code or signal. */
  async end(signal: 'SIGINT' | 'SIGKILL'): Promise<number | NodeJS.Signals> {
    this.#child.kill(signal);
    return this.ended;
  }
}

/** The rules of this machine itself, which no quickstart may touch. */
export function machineRules(): string {
  return execFileSync('nft', ['-s', 'list', 'ruleset'], { encoding: 'utf8' });
}

/** Empty if the process has ended or may not be inspected. */
function readProc(pid: number, file: 'environ' | 'cmdline'): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/**
 * The same command as another user. Other users often cannot reach a checkout, because a folder above it is closed. So
 * they see it mounted elsewhere, in a mount namespace that vanishes with them.
 */
function asSomebodyElse(id: number, command: readonly string[]): string[] {
  const mounted = command.map((word) => word.replace(checkout, seenAt));
  // Entry by entry, because the checkout folder itself may be closed to others too.
  const mountFirst = `
    set -e; from=$1; to=$2; shift 2
    mount -t tmpfs -o mode=755 none "$to"
    for one in "$from"/*; do
      at=$to/\${one##*/}
      if [ -d "$one" ]; then mkdir "$at"; else : > "$at"; fi
      mount --bind "$one" "$at"
    done
    exec "$@"`;
  const user = ['setpriv', '--pdeathsig', 'INT', `--reuid=${id}`, `--regid=${id}`, '--clear-groups'];
  return ['unshare', '--mount', 'sh', '-c', mountFirst, 'sh', checkout, seenAt, ...user, ...mounted];
}
