/**
 * Preloaded into a server or an agent (`--import`): removes guard, audit and proof, so that their cost can be measured.
 *
 * The server checks and records nothing; the agent trusts its kernel without reading back. For the bench only.
 */
import type { Proof } from '@cordon/protocol/channel';
import { NftablesIsolation } from '../../packages/agent/src/enforcer/isolation/nftables-isolation.ts';
import { Audit } from '../../packages/server/src/audit/audit.ts';
import { Guard } from '../../packages/server/src/guard/guard.ts';

const believed: Proof = {
  digest: '0'.repeat(64),
  level: 'plain',
  chains: 0,
  rules: 0,
  packetsAccepted: 0,
  packetsDropped: 0,
  probes: [],
};

Audit.prototype.record = (): Promise<void> => Promise.resolve();
Guard.prototype.reasons = (): Promise<[]> => Promise.resolve([]);
NftablesIsolation.prototype.verify = ({ isolation }): ReturnType<NftablesIsolation['verify']> => ({
  isolation,
  proof: believed,
  problem: undefined,
  tampered: false,
});
