/** Brings a policy about and looks at it; whatever goes wrong becomes a finding. */
import type { Proof, Report } from '@cordon/protocol/channel';
import type { Enforcement } from './enforcement.ts';
import { policyOf } from './policy.ts';
import type { Policy } from './policy.ts';
import type { Log } from '../../log.ts';
import { messageOf } from '../../message-of.ts';
import type { Order } from '../desired-state/verify.ts';

/** What was found when the kernel was looked at. */
export interface Finding {
  readonly isolation: Report['isolation'];
  readonly proof: Proof | null;
  readonly problem: string | null;
  /** Somebody else had changed what we had put into force. */
  readonly tampered: boolean;
}

export const nothingKnown: Finding = {
  isolation: 'unproven',
  proof: null,
  problem: 'This agent has no valid order on disk; it leaves the kernel as it is until the server sends one.',
  tampered: false,
};

/** Undefined when the kernel took it. */
export function bringAbout(enforcement: Enforcement, policy: Policy): Finding | undefined {
  try {
    enforcement.apply(policy);
    return undefined;
  } catch (error) {
    return unproven(messageOf(error));
  }
}

/** `remark` is what there is to say about it if it holds. */
export function look(enforcement: Enforcement, policy: Policy, remark: string | null): Finding {
  try {
    const seen = enforcement.verify(policy);
    if (!seen.proven) {
      return { isolation: 'unproven', proof: seen.proof, problem: seen.problem, tampered: seen.tampered };
    }
    const problem = remark ?? seen.shortfall ?? null;
    return { isolation: policy.isolation, proof: seen.proof, problem, tampered: false };
  } catch (error) {
    return unproven(messageOf(error));
  }
}

/** While the endpoint is normal, its isolation lies ready: nobody waits for the encoder. */
export function prepareNext(
  { enforcement, log }: { enforcement: Enforcement; log: Log },
  order: Order | undefined,
): void {
  if (!order || enforcement.unable !== undefined) return;
  try {
    enforcement.prepare(policyOf({ ...order.desired, isolation: 'isolated' }));
  } catch (error) {
    log('isolation not prepared', { message: messageOf(error) });
  }
}

/** Counters change with every packet and are no news; a remark that has gone is none either. */
export function isNews(before: Finding, after: Finding): boolean {
  const lost = after.problem !== null && after.problem !== before.problem;
  return lost || before.isolation !== after.isolation || before.proof?.digest !== after.proof?.digest;
}

function unproven(problem: string): Finding {
  return { isolation: 'unproven', proof: null, problem, tampered: false };
}
