/** The decision about a file with listed content, for every possible rule, file and sweep. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FileRule } from '../ipc/worker-messages.ts';
import { clipped, decide } from './decision.ts';
import type { Protection } from './decision.ts';

const rule: fc.Arbitrary<FileRule> = fc.record({
  type: fc.constantFrom('file', 'file_sha1'),
  sha1: fc.constant('A'.repeat(40)),
  size: fc.constantFrom(null, 7),
  action: fc.constantFrom('log', 'block', 'quarantine'),
  expiresAt: fc.constant(null),
  confirmed: fc.boolean(),
});
const protection: fc.Arbitrary<Protection> = fc.record({
  kind: fc.constantFrom('always', 'package', undefined),
  owner: fc.constantFrom('dpkg:coreutils', null),
});

const message: unknown = expect.stringMatching(/\.$/);

test('a file is quarantined exactly when the rule says so, the sweep acts, and the file is not protected', () => {
  fc.assert(
    fc.property(rule, protection, fc.boolean(), (one, by, act) => {
      const isOpen = by.kind === undefined || (by.kind === 'package' && one.confirmed);
      const decision = decide(one, by, { act });
      const isTaken = one.action === 'quarantine' && act && isOpen;
      const action = one.action === 'quarantine' && !isOpen ? 'held-back' : 'logged';
      // The remark says why something was not done.
      const remark = one.action === 'log' ? null : message;
      expect(decision).toEqual(isTaken ? { kind: 'quarantine' } : { kind: 'report', action, remark });
    }),
  );
});

test('a remark of any length and letters is one that the wire takes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 1200 }), (remark) => {
      const reported = clipped(remark) ?? '';
      expect(reported.length).toBeLessThanOrEqual(500);
      expect(reported.isWellFormed()).toBe(true);
      expect(reported).toBe(remark.slice(0, 500).toWellFormed());
    }),
  );
});
