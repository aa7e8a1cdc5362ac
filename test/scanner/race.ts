/** A quarantine, an attacker beside it, and ten seconds. */
import { once } from 'node:events';
import { lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fileCalls } from '../../packages/agent/src/kernel/file-calls.ts';
import { QuarantineFailure } from '../../packages/agent/src/scanner/quarantine/failure.ts';
import { Quarantine } from '../../packages/agent/src/scanner/quarantine/quarantine.ts';
import { sha1Of } from './site.ts';

export const raceTime = 10_000;

export class Race {
  readonly folder: string;
  readonly quarantine: Quarantine;
  readonly #numbers = new Int32Array(new SharedArrayBuffer(12));
  #attacker: Worker | undefined;

  constructor() {
    const calls = fileCalls();
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'cordon-race-')));
    this.quarantine = new Quarantine({ calls, folder: join(this.folder, 'quarantine') });
    for (const name of ['arena', 'victims']) mkdirSync(join(this.folder, name));
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  async attack(one: string, other: string, third: string): Promise<void> {
    const workerData = { names: [one, other, third], shared: this.#numbers.buffer };
    this.#attacker = new Worker(new URL('attacker.ts', import.meta.url), { workerData });
    await once(this.#attacker, 'message');
  }

  set round(number: number) {
    Atomics.store(this.#numbers, 1, number);
  }

  get exchanges(): number {
    return Atomics.load(this.#numbers, 2);
  }

  /** Waits until the attacker has put everything back. */
  async endAttack(): Promise<void> {
    Atomics.store(this.#numbers, 0, 1);
    if (this.#attacker) await once(this.#attacker, 'exit');
    this.#attacker = undefined;
  }

  /** The name of the copy; undefined when the attacker was in the way. */
  take(path: string, file: { readonly inode: number; readonly content: string }): string | undefined {
    const sha1 = sha1Of(file.content);
    const asked = { path: Buffer.from(path), device: lstatSync(this.folder).dev, inode: file.inode, sha1 };
    const more = { object: { type: 'file_sha1' as const, content: sha1 }, detectedBy: 'sweep' as const, now: 1 };
    return unlessFailed(() => this.quarantine.take({ ...asked, ...more, usedBy: () => [] }).entry.id);
  }

  restore(id: string): boolean {
    return unlessFailed(() => this.quarantine.restore(id)) !== undefined;
  }

  async close(): Promise<void> {
    await this.endAttack();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function unlessFailed<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof QuarantineFailure) return undefined;
    throw error;
  }
}
