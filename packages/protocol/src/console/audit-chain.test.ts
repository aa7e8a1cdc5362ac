/** The audit chain: every break is found. */
import { generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainStart, hashOfLine, signCheckpoint, verifyChain } from './audit-chain.ts';
import type { Checkpoint } from './audit-chain.ts';
import type { AuditLine } from './index.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519').privateKey;

function chainOf(details: readonly string[]): AuditLine[] {
  const lines: AuditLine[] = [];
  for (const [index, detail] of details.entries()) {
    const fields = { actor: 'user:admin', source: '127.0.0.1', act: 'isolate', target: 'host', outcome: 'done' };
    const line = { id: index + 1, at: 1000 + index, ...fields, detail, requestId: `r${index}` };
    lines.push({ ...line, hash: hashOfLine(lines.at(-1)?.hash ?? chainStart, line) });
  }
  return lines;
}

function checkpointAt(lines: readonly AuditLine[], id: number, key = privateKey): Checkpoint {
  return signCheckpoint({ id, hash: lines[id - 1]?.hash ?? '', at: 5000 }, key);
}

const lines = chainOf(['a', 'b', 'c', 'd']);
const checkpoints = [checkpointAt(lines, 2), checkpointAt(lines, 4)];

describe('verifyChain', () => {
  it('finds nothing wrong with an untouched chain, and says how far it is signed', () => {
    expect(verifyChain(lines, [checkpointAt(lines, 2)], publicKey)).toEqual({
      lines: 4,
      checkpoints: 1,
      signedUpTo: 2,
      problem: undefined,
    });
  });

  it('finds an empty audit in order', () => {
    expect(verifyChain([], [], publicKey).problem).toBeUndefined();
  });

  it('finds a changed line, whichever field it was', () => {
    for (const change of [
      { detail: 'x' },
      { actor: 'user:eve' },
      { at: 1 },
      { outcome: 'refused' },
      { requestId: '' },
    ]) {
      const changed = lines.map((line) => (line.id === 2 ? Object.assign({}, line, change) : line));
      expect(verifyChain(changed, checkpoints, publicKey).problem).toMatch(/^Line 2 does not fit its hash/);
    }
  });

  it('finds a missing line, and two that changed places', () => {
    expect(verifyChain(lines.toSpliced(1, 1), checkpoints, publicKey).problem).toMatch(/^Line 1 is followed by line 3/);
    const [one, two, three, four] = lines;
    const swapped = [one, three, two, four].filter((line) => line !== undefined);
    expect(verifyChain(swapped, checkpoints, publicKey).problem).toMatch(/^Line 1 is followed by line 3/);
  });

  it('finds a chain that was made again with consistent hashes, because nobody could sign it', () => {
    const forged = chainOf(['a', 'forged', 'c', 'd']);
    expect(verifyChain(forged, checkpoints, publicKey).problem).toBe(
      'The chain at line 2 is not the one that was signed.',
    );
    const resigned = [checkpointAt(forged, 4, stranger)];
    expect(verifyChain(forged, resigned, publicKey).problem).toBe(
      'The checkpoint at line 4 is not signed by this server.',
    );
  });

  it('finds lines cut off the end, up to the last checkpoint', () => {
    expect(verifyChain(lines.slice(0, 3), checkpoints, publicKey).problem).toBe(
      'A checkpoint vouches for line 4, which is missing.',
    );
  });

  it('finds any single change of any chain', () => {
    const details = fc.array(fc.string(), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(details, fc.nat(), fc.string({ minLength: 1 }), (texts, at, addition) => {
        const chain = chainOf(texts);
        const index = at % chain.length;
        const changed = chain.map((line, position) =>
          position === index ? Object.assign({}, line, { detail: line.detail + addition }) : line,
        );
        expect(verifyChain(chain, [], publicKey).problem).toBeUndefined();
        expect(verifyChain(changed, [], publicKey).problem).toContain(`Line ${index + 1}`);
      }),
    );
  });
});
