/** Every frame that a machine sends, seen from the switch. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../harness/eventually.ts';
import type { JsonProcess } from '../harness/json-process.ts';
import type { Lan } from './machine.ts';

export class Capture {
  readonly #folder = mkdtempSync(join(tmpdir(), 'cordon-capture-'));
  readonly #tcpdump: JsonProcess;

  /** From now on, of what comes in through this port. */
  constructor(lan: Lan, port: string) {
    this.#tcpdump = lan.namespace.startServant('tcpdump', [
      '-i',
      port,
      '-Q',
      'in',
      '-U',
      '-Z',
      'root',
      '-w',
      this.#file,
      '-n',
    ]);
  }

  /** Captures nothing before it has begun. */
  async begun(): Promise<void> {
    await eventually('tcpdump has begun', () => statSync(this.#file, { throwIfNoEntry: false }));
  }

  /** The frames that match, a line each; `filter` as in pcap-filter(7). */
  frames(filter = ''): string[] {
    const text = execFileSync('tcpdump', ['-nn', '-r', this.#file, ...filter.split(' ').filter(Boolean)], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return text.split('\n').filter(Boolean);
  }

  close(): void {
    this.#tcpdump.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #file(): string {
    return join(this.#folder, 'frames.pcap');
  }
}
