/** One watched filesystem with an on-access process, and listed files. */
import { createHash } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import type { FileRule } from '../../packages/agent/src/ipc/worker-messages.ts';
import { agentProgram } from '../agent/paths.ts';
import type { JsonProcess } from '../harness/json-process.ts';
import { MountNamespace } from '../harness/mount-namespace.ts';
import { FakeEnforcer } from '../harness/fake-enforcer.ts';

export class Site {
  readonly namespace: MountNamespace;
  readonly enforcer: FakeEnforcer;
  readonly #program: string[];
  #onAccess: JsonProcess | undefined;

  /** `program` replaces the agent's own, for failures that cannot be caused from outside. */
  static async make(program: string[] = [agentProgram, 'on-access', '--with-parent']): Promise<Site> {
    const namespace = await MountNamespace.make();
    const site = new Site(namespace, await FakeEnforcer.open(namespace.folder), program);
    site.start();
    return site;
  }

  private constructor(namespace: MountNamespace, enforcer: FakeEnforcer, program: string[]) {
    this.namespace = namespace;
    this.enforcer = enforcer;
    this.#program = program;
  }

  start(): void {
    this.#onAccess = this.namespace.start(process.execPath, this.#program, {
      environment: this.enforcer.environment(this.namespace.files),
      from: 'stderr',
    });
  }

  get onAccess(): JsonProcess {
    if (!this.#onAccess) throw new Error('on-access was not started.');
    return this.#onAccess;
  }

  get pid(): number {
    return this.onAccess.child.pid ?? 0;
  }

  path(name: string): string {
    return this.namespace.path(name);
  }

  /** Written before it is listed, and long enough ago for its times to be trusted. */
  write(name: string, content: string | Buffer, mode = 0o644): void {
    writeFileSync(this.namespace.outside(name), content, { mode });
  }

  async enforce(...files: FileRule[]): Promise<void> {
    this.enforcer.list(files);
    this.enforcer.set({});
    await this.enforcer.watches(this.namespace.files);
  }

  /** Whether `cat` can read it. */
  async canRead(name: string): Promise<boolean> {
    const { code } = await this.namespace.run('cat', this.path(name));
    if (code === null) throw new Error(`Opening ${name} hung.`);
    return code === 0;
  }

  inodeOf(name: string): number {
    return statSync(this.namespace.outside(name)).ino;
  }

  close(): void {
    this.namespace.close();
    this.enforcer.close();
  }
}

export function sha1Of(content: string | Buffer): string {
  return createHash('sha1').update(content).digest('hex').toUpperCase();
}

export function ruleFor(content: string | Buffer, also: Partial<FileRule> = {}): FileRule {
  const size = Buffer.byteLength(content);
  return { type: 'file', sha1: sha1Of(content), size, action: 'block', expiresAt: null, confirmed: false, ...also };
}
