/** How an action ends: reported as requested, or followed until it is done. */
import type { Act } from '@cordon/protocol/words';
import type { Client } from '@cordon/sdk';
import type { Invocation } from '../../command/command.ts';
import { exitCodes, usage } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { counted, secondsOf } from '../../text/text.ts';
import { follow } from './following.ts';

export const words = {
  isolate: { doing: 'Isolating', done: 'isolated', goal: 'isolated' },
  release: { doing: 'Releasing', done: 'released', goal: 'normal' },
  relocate: { doing: 'Relocating', done: 'relocated', goal: undefined },
  uninstall: { doing: 'Uninstalling', done: 'uninstalled', goal: 'removed' },
} as const satisfies Record<Act, { doing: string; done: string; goal: 'isolated' | 'normal' | 'removed' | undefined }>;

export interface Ordered {
  /** Undefined if nothing is followed. */
  readonly client: Client | undefined;
  /** What a program gets about the action, besides the agents' final status. */
  readonly told: Readonly<Record<string, unknown>>;
  readonly ids: readonly string[];
  readonly timeoutSeconds: number;
}

export async function finish(call: Invocation, act: Act, ordered: Ordered): Promise<ExitCode> {
  const { client, told, ids, timeoutSeconds } = ordered;
  const { goal, done } = words[act];
  const agents = counted(ids.length, 'agent');
  if (goal === undefined || client === undefined || !call.flag('wait')) {
    const next = goal === undefined ? '' : ' "cordon agents list" shows when it is done; --wait waits for it.';
    call.tell({ act, ...told, reached: null }, `Ordered for ${agents}.${next}\n`);
    return exitCodes.done;
  }
  const started = call.world.now();
  const reached = await follow(call, { client, ids, goal, timeoutSeconds });
  const seconds = ((call.world.now() - started) / 1000).toFixed(2);
  call.tell({ act, ...told, reached }, `${agents} ${done} after ${seconds} s.\n`);
  return exitCodes.done;
}

export function timeoutOf(call: Invocation): number {
  const text = call.option('timeout');
  if (text === undefined) return 300;
  const seconds = secondsOf(text);
  if (seconds !== undefined && seconds > 0) return seconds;
  throw usage(`"${text}" is not a time.`, 'Write it like 90s, 5m or 1h.');
}
