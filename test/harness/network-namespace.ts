/**
 * Nameless network namespaces: each lives as long as one process of ours, however the test ends.
 *
 * Nothing here changes the namespace that the tests themselves run in.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { JsonProcess } from './json-process.ts';

const timeoutMs = 60_000;

export class Namespace {
  readonly #holder: ChildProcess;
  readonly #started: JsonProcess[] = [];

  /** The holder process reads our pipe, so it ends when we do. */
  static async make(): Promise<Namespace> {
    const holder = spawn('unshare', ['--net', 'sh', '-c', 'ip link set lo up; echo made; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await new Promise((resolve, reject) => {
      holder.stdout.once('data', resolve);
      holder.once('exit', () => reject(new Error('unshare --net failed: this test needs root.')));
    });
    return new Namespace(holder);
  }

  private constructor(holder: ChildProcess) {
    this.#holder = holder;
  }

  get pid(): string {
    return String(this.#holder.pid);
  }

  /** Runs a program inside to its end; returns its standard output. */
  run(program: string, ...args: string[]): string {
    return execFileSync('nsenter', [...this.#enter(), program, ...args], {
      encoding: 'utf8',
      timeout: timeoutMs,
      stdio: 'pipe',
    });
  }

  /** As `run`, with text for standard input. */
  feed(input: string, program: string, ...args: string[]): string {
    return execFileSync('nsenter', [...this.#enter(), program, ...args], {
      encoding: 'utf8',
      timeout: timeoutMs,
      input,
    });
  }

  ip(command: string): void {
    this.run('ip', ...command.split(' '));
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

  /** As `start`, for a program that does not notice when we end: it ends with us, in whatever way we do. */
  startServant(program: string, args: readonly string[]): JsonProcess {
    // The first process of a process namespace reads our pipe; with it the kernel ends the others.
    const script = '"$@" & exec cat';
    return this.start('unshare', ['--pid', '--fork', '--kill-child', 'sh', '-c', script, 'sh', program, ...args]);
  }

  /** A veth pair from a device here to one there. */
  cable(device: string, other: Namespace, otherDevice: string): void {
    this.ip(`link add ${device} type veth peer name ${otherDevice} netns ${other.pid}`);
    this.ip(`link set ${device} up`);
    other.ip(`link set ${otherDevice} up`);
  }

  close(): void {
    for (const one of this.#started) one.kill();
    this.#holder.kill('SIGKILL');
  }

  #enter(): string[] {
    return [`--net=/proc/${this.pid}/ns/net`, '--'];
  }
}
