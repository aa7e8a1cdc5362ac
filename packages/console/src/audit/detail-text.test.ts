/** Audit details in words. */
import { describe, expect, it } from 'vitest';
import { detailInWords } from './detail-text.ts';

describe('the detail of an audit line', () => {
  it('begins with the reason, and leaves out what is empty', () => {
    const detail = {
      change: { forSeconds: 3600 },
      before: ['normal'],
      agents: 1,
      task: null,
      note: '',
      reason: 'INC-1',
    };
    expect(detailInWords(JSON.stringify(detail))).toBe(
      'reason: INC-1, change: forSeconds: 3600, before: normal, agents: 1',
    );
  });

  it('stays as it is where it is a sentence, or JSON that was cut off', () => {
    expect(detailInWords('epoch 3')).toBe('epoch 3');
    expect(detailInWords('{"reason":"IN')).toBe('{"reason":"IN');
    expect(detailInWords('')).toBe('');
  });

  it('lists what there are many of', () => {
    const work = {
      kind: 'find',
      files: [
        { sha1: 'AB', size: null },
        { sha1: 'CD', size: 3 },
      ],
    };
    expect(detailInWords(JSON.stringify({ work, reasons: [] }))).toBe(
      'work: kind: find files: sha1: AB; sha1: CD size: 3',
    );
  });
});
