/** Audit details in words. */
import { describe, expect, it } from 'vitest';
import { detailInWords } from './detail-text.ts';

describe('the detail of an audit line', () => {
  it('begins with the reason, and leaves out empty fields', () => {
    const detail = {
      change: { forSeconds: 3600 },
      before: ['normal'],
      agents: 1,
      task: null,
      note: '',
      reason: 'INC-1',
    };
    expect(detailInWords(JSON.stringify(detail))).toBe('reason: INC-1, for: 1 h, before: normal, endpoints: 1');
  });

  it('names what programs write in words', () => {
    const detail = { by: 'hand', enforceIn: ['canary'], expiresAt: 0, disabled: false };
    expect(detailInWords(JSON.stringify(detail))).toBe(
      'added: manually, enforce in: canary, expires: 1970-01-01 00:00:00 UTC, disabled: no',
    );
  });

  it('stays unchanged if it is plain text or truncated JSON', () => {
    expect(detailInWords('epoch 3')).toBe('epoch 3');
    expect(detailInWords('{"reason":"IN')).toBe('{"reason":"IN');
    expect(detailInWords('')).toBe('');
  });

  it('lists the items of an array', () => {
    const work = {
      kind: 'find',
      files: [
        { sha1: 'AB', size: null },
        { sha1: 'CD', size: 3 },
      ],
    };
    expect(detailInWords(JSON.stringify({ work, reasons: [] }))).toBe(
      'file search, files: sha1: AB; sha1: CD, size: 3',
    );
  });
});
