/** How an action ends: reported as requested, or followed until it is done. */
import type { Act } from '@cordon/protocol/words';
import type { Client } from '@cordon/sdk';
import type { Invocation } from '../../command/command.ts';
import { exitCodes } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { counted } from '../../text/text.ts';
import { follow } from './following.ts';

export const words = {
  isolate: { doing: 'Isolating', done: 'isolated', goal: 'isolated' },
  release: { doing: 'Releasing', done: 'released', goal: 'normal' },
  relocate: { doing: 'Relocating', done: 'relocated', goal: undefined },
  uninstall: { doing: 'Uninstalling', done: 'uninstalled', goal: 'removed' },
} as const satisfies Record<Act, { doing: string; done: string; goal: 'isolated' | 'normal' | 'removed' | undefined }>;

export interface Requested {
  /** Undefined if nothing is followed. */
  readonly client: Client | undefined;
  /** What a program gets about the action, besides the agents' final status. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly ids: readonly string[];
  readonly timeoutSeconds: number;
  /** Whether no agent was skipped and every ID was found. */
  readonly isWhole: boolean;
}

export async function finish(call: Invocation, act: Act, requested: Requested): Promise<ExitCode> {
  const { client, facts, ids, timeoutSeconds, isWhole } = requested;
  const { goal, done } = words[act];
  const agents = counted(ids.length, 'agent');
  const exitCode = isWhole ? exitCodes.done : exitCodes.partlyDone;
  if (goal === undefined || client === undefined || !call.flag('wait')) {
    const next = goal === undefined ? '' : ' "cordon agents list" shows when it is done; --wait waits for it.';
    call.print({ act, ...facts, reached: null }, `Requested for ${agents}.${next}\n`);
    return exitCode;
  }
  const started = call.world.now();
  const reached = await follow(call, { client, ids, goal, timeoutSeconds });
  const seconds = ((call.world.now() - started) / 1000).toFixed(2);
  call.print({ act, ...facts, reached }, `${agents} ${done} after ${seconds} s.\n`);
  return exitCode;
}
