/**
 * A loop image in a mount namespace of its own: the only filesystem that a test may have watched.
 *
 * Nobody else sees it, and it vanishes with one process of ours, however the test ends.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JsonProcess } from './json-process.ts';

const timeoutMs = 60_000;

export interface Outcome {
  /** Null if it was killed because it ran too long. */
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
  readonly durationMs: number;
}

export class MountNamespace {
  readonly folder: string;
  /** Where the image is mounted, inside the namespace only. */
  readonly files: string;
  readonly #holder: ChildProcess;
  readonly #started: JsonProcess[] = [];

  /** `options` are for mkfs.ext4. */
  static async make(size = '64M', ...options: string[]): Promise<MountNamespace> {
    const folder = mkdtempSync(join(tmpdir(), 'cordon-watch-'));
    const [image, files] = [join(folder, 'image'), join(folder, 'files')];
    mkdirSync(files);
    execFileSync('truncate', ['-s', size, image]);
    execFileSync('mkfs.ext4', ['-q', ...options, image]);
    // Checked to be another filesystem than the machine's own before anything may watch it.
    const script = `mount -o loop "$1" "$2" && [ "$(stat -c %d "$2")" != "$(stat -c %d /)" ] && chmod 755 "$2" && echo made && exec cat`;
    const holder = spawn(
      'unshare',
      ['--mount', '--propagation', 'private', 'sh', '-c', script, 'holder', image, files],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    await new Promise((resolve, reject) => {
      holder.stdout.once('data', resolve);
      holder.once('exit', () => reject(new Error('The loop image could not be mounted in a namespace of its own.')));
    });
    return new MountNamespace({ folder, files, holder });
  }

  private constructor({ folder, files, holder }: { folder: string; files: string; holder: ChildProcess }) {
    this.folder = folder;
    this.files = files;
    this.#holder = holder;
  }

  /** The path of a file on the watched filesystem, inside the namespace. */
  path(name: string): string {
    return join(this.files, name);
  }

  /** The same file from outside, so that the test can create and read it without entering. */
  outside(name: string): string {
    return `/proc/${this.#holder.pid}/root${this.path(name)}`;
  }

  /** Runs a program inside to its end, or until the time limit. */
  async run(program: string, ...args: string[]): Promise<Outcome> {
    return this.runWithin(timeoutMs, program, ...args);
  }

  async runWithin(limit: number, program: string, ...args: string[]): Promise<Outcome> {
    const began = performance.now();
    const child = spawn('nsenter', [...this.#enter(), program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const printed = { output: '', errors: '' };
    child.stdout.on('data', (chunk: Buffer) => (printed.output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (printed.errors += chunk.toString()));
    const timer = setTimeout(() => child.kill('SIGKILL'), limit);
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    clearTimeout(timer);
    return { code, ...printed, durationMs: performance.now() - began };
  }

  start(
    program: string,
    args: readonly string[],
    options: ConstructorParameters<typeof JsonProcess>[2] = {},
  ): JsonProcess {
    const child = new JsonProcess('nsenter', [...this.#enter(), program, ...args], options);
    this.#started.push(child);
    return child;
  }

  close(): void {
    for (const one of this.#started) one.kill();
    this.#holder.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  #enter(): string[] {
    return [`--mount=/proc/${this.#holder.pid}/ns/mnt`, '--'];
  }
}
