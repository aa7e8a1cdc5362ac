/** Acts on endpoints that a person has picked: previewed and performed one by one, by their entity IDs. */
import { useEffect, useState } from 'preact/hooks';
import type { ActOutcome, ActRequest } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { call } from '../calls/call.ts';
import { messageOf } from '../calls/loaded.ts';

export type Act = ActRequest['act'];

export interface Target {
  /** Entity ID: what a host name means may change while a dialog is open. */
  readonly agent: string;
  readonly hostName: string;
}

export interface Preview {
  readonly outcome: ActOutcome | undefined;
  readonly problem: string | undefined;
}

/** Asked at once. */
const atOnce = 8;

/** Whom the act would touch, all targets taken together. */
export function usePreview(act: Act, targets: readonly Target[]): Preview {
  const [state, setState] = useState<Preview>({ outcome: undefined, problem: undefined });
  useEffect(() => {
    let open = true;
    const ask = (target: Target): Promise<ActOutcome> =>
      call('POST', `${consolePaths.acts}/preview`, { body: requestOf(act, target) });
    inTurns(targets, ask).then(
      (outcomes) => open && setState({ outcome: together(outcomes), problem: undefined }),
      (error: unknown) => open && setState({ outcome: undefined, problem: messageOf(error) }),
    );
    return () => {
      open = false;
    };
    // The dialog is for these very targets from its beginning to its end.
  }, []);
  return state;
}

/** Performs the act on each; stops at the first failure, and says what came of those before it. */
export async function performAll(
  act: Act,
  targets: readonly Target[],
  terms: Omit<ActRequest, 'act' | 'selector'>,
): Promise<{ outcomes: ActOutcome[]; failure?: unknown }> {
  const outcomes: ActOutcome[] = [];
  try {
    for (const target of targets) {
      outcomes.push(
        await call<ActOutcome>('POST', consolePaths.acts, { body: { ...terms, ...requestOf(act, target) } }),
      );
    }
    return { outcomes };
  } catch (failure) {
    return { outcomes, failure };
  }
}

function requestOf(act: Act, target: Target): ActRequest {
  return { act, selector: { entityId: target.agent } };
}

async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let start = 0; start < items.length; start += atOnce) {
    done.push(...(await Promise.all(items.slice(start, start + atOnce).map(work))));
  }
  return done;
}

function together(outcomes: readonly ActOutcome[]): ActOutcome {
  const messages = new Map(outcomes.flatMap((one) => one.guard).map((reason) => [reason.message, reason]));
  return {
    affected: outcomes.flatMap((one) => one.affected),
    leftOut: outcomes.flatMap((one) => one.leftOut),
    guard: [...messages.values()],
    approval: null,
  };
}
