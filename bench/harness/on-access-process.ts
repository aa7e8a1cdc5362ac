/** Runs Cordon's on-access process alone, with a fake enforcer. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import type { FileRule } from '../../packages/agent/src/ipc/worker-messages.ts';
import { JsonProcess } from '../../test/harness/json-process.ts';
import { agentProgram } from '../../test/agent/paths.ts';
import { FakeEnforcer } from '../../test/harness/fake-enforcer.ts';
import type { Opener } from './opener-client.ts';

const timeoutMs = 20_000;

export interface OnAccessProcessPlan {
  readonly scratch: string;
  readonly point: string;
  readonly opener: Opener;
  /** How often the list will change. */
  readonly changes: number;
}

export class OnAccessProcess {
  readonly #plan: OnAccessProcessPlan;
  readonly #enforcer: FakeEnforcer;
  readonly #process: JsonProcess;
  #revision = 0;
  #change = 0;

  static async start(plan: OnAccessProcessPlan): Promise<OnAccessProcess> {
    for (let number = 0; number < plan.changes; number += 1) writeFileSync(sentinel(plan, number), textOf(number));
    return new OnAccessProcess(plan, await FakeEnforcer.open(plan.scratch));
  }

  private constructor(plan: OnAccessProcessPlan, enforcer: FakeEnforcer) {
    this.#plan = plan;
    this.#enforcer = enforcer;
    const environment = enforcer.environment(plan.point);
    this.#process = new JsonProcess(process.execPath, [agentProgram, 'on-access', '--with-parent'], {
      environment,
      from: 'stderr',
    });
  }

  get pid(): number {
    return this.#process.child.pid ?? 0;
  }

  async on(rules: readonly FileRule[]): Promise<void> {
    this.#enforcer.list(rules);
    this.#revision = this.#enforcer.revision;
    this.#enforcer.set({});
    await this.#enforcer.watches(this.#plan.point);
  }

  /** Changes the list, so that the kernel forgets which files it may let through. Settles when the list is in force. */
  async forget(): Promise<void> {
    const [number, revision] = [this.#change, this.#revision + 1];
    const change = { after: this.#revision, revision, put: [ruleFor(textOf(number))], remove: [] };
    this.#enforcer.sendOnce({ type: 'rules-changed', ...change });
    [this.#change, this.#revision] = [number + 1, revision];
    await this.#plan.opener.until(true, sentinel(this.#plan, number), timeoutMs);
  }

  /** Stops intercepting. */
  async off(): Promise<void> {
    this.#enforcer.set({ mode: 'off' });
    await this.#enforcer.state('off');
  }

  close(): void {
    this.#process.kill();
    this.#enforcer.close();
  }
}

export function ruleFor(content: Buffer | string, size: number | null = null): FileRule {
  const sha1 = createHash('sha1').update(content).digest('hex').toUpperCase();
  return { type: 'file_sha1', sha1, size, action: 'block', expiresAt: null, confirmed: false };
}

function sentinel({ point }: OnAccessProcessPlan, number: number): string {
  return join(point, `sentinel ${number}`);
}

function textOf(number: number): string {
  return `change number ${number} of the list\n`;
}
