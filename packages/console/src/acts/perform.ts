/** Previews and performs actions on the selected endpoints, by entity ID. */
import { useEffect, useState } from 'preact/hooks';
import { maxEntityIds, actOutcomeShape } from '@cordon/protocol/console';
import type { ActOutcome, ActRequest } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read } from '../calls/call.ts';
import { messageOf } from '../calls/use-loaded.ts';

export type Act = ActRequest['act'];

export interface Target {
  /** An entity ID, because a host name may mean another endpoint while a dialog is open. */
  readonly agent: string;
  readonly hostName: string;
}

export interface Preview {
  readonly outcome: ActOutcome | undefined;
  readonly problem: string | undefined;
}

/** What the action would affect, for all targets together. */
export function usePreview(act: Act, targets: readonly Target[]): Preview {
  const [state, setState] = useState<Preview>({ outcome: undefined, problem: undefined });
  useEffect(() => {
    let open = true;
    const ask = (body: ActRequest): Promise<ActOutcome> =>
      read(actOutcomeShape, 'POST', `${consolePaths.acts}/preview`, { body });
    Promise.all(requestsOf(act, targets).map(ask)).then(
      (outcomes) => open && setState({ outcome: together(outcomes), problem: undefined }),
      (error: unknown) => open && setState({ outcome: undefined, problem: messageOf(error) }),
    );
    return () => {
      open = false;
    };
    // The dialog keeps its targets from start to end.
  }, []);
  return state;
}

/** Performs the action on all targets. Stops at the first failure, and returns the outcomes before it. */
export async function performAll(
  act: Act,
  targets: readonly Target[],
  terms: Omit<ActRequest, 'act' | 'selector'>,
): Promise<{ outcomes: ActOutcome[]; failure?: unknown }> {
  const outcomes: ActOutcome[] = [];
  try {
    for (const request of requestsOf(act, targets)) {
      outcomes.push(await read(actOutcomeShape, 'POST', consolePaths.acts, { body: { ...terms, ...request } }));
    }
    return { outcomes };
  } catch (failure) {
    return { outcomes, failure };
  }
}

/** One request, or several when the targets exceed the limit per request. */
function requestsOf(act: Act, targets: readonly Target[]): ActRequest[] {
  const requests: ActRequest[] = [];
  for (let start = 0; start < targets.length; start += maxEntityIds) {
    const entityIds = targets.slice(start, start + maxEntityIds).map(({ agent }) => agent);
    requests.push({ act, selector: { entityIds }, allowMultiple: true });
  }
  return requests;
}

function together(outcomes: readonly ActOutcome[]): ActOutcome {
  const messages = new Map(outcomes.flatMap((one) => one.guard).map((reason) => [reason.message, reason]));
  return {
    affected: outcomes.flatMap((one) => one.affected),
    leftOut: outcomes.flatMap((one) => one.leftOut),
    notFound: outcomes.flatMap((one) => one.notFound),
    guard: [...messages.values()],
    approval: null,
  };
}
