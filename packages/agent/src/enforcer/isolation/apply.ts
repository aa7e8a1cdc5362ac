/** Applies a policy and verifies it; never throws. */
import type { Log } from '../../log.ts';
import { messageOf } from '../../message-of.ts';
import type { VerifiedState } from '../desired-state/verify.ts';
import { unproven } from './isolation-kernel.ts';
import type { IsolationKernel, KernelState } from './isolation-kernel.ts';
import { policyOf } from './policy.ts';
import type { Policy } from './policy.ts';

export const nothingKnown = unproven(
  'This agent has no valid desired state on disk; it leaves the kernel as it is until the server sends one.',
);

/** Undefined when the kernel accepted it. */
export function applyPolicy(kernel: IsolationKernel, policy: Policy): KernelState | undefined {
  try {
    kernel.apply(policy);
    return undefined;
  } catch (error) {
    return unproven(messageOf(error));
  }
}

/** `remark` is added if the policy holds. */
export function verifyPolicy(kernel: IsolationKernel, policy: Policy, remark: string | null): KernelState {
  try {
    const state = kernel.verify(policy);
    return remark === null || state.isolation === 'unproven' ? state : { ...state, problem: remark };
  } catch (error) {
    return unproven(messageOf(error));
  }
}

/** While the endpoint is normal, its isolation is already encoded: nobody waits for the encoder. */
export function prepareNext(
  { enforcement, log }: { enforcement: IsolationKernel; log: Log },
  order: VerifiedState | undefined,
): void {
  if (!order || enforcement.unable !== undefined) return;
  try {
    enforcement.prepare(policyOf({ ...order.desired, isolation: 'isolated' }));
  } catch (error) {
    log('isolation not prepared', { message: messageOf(error) });
  }
}
