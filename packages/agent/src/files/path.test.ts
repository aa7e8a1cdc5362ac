/** Paths between bytes and what people read. */
import { expect, test } from 'vitest';
import { bytesOfPath, filePathOf, partsOf } from './path.ts';

test('a path that is no text is told in bytes as well, and comes back as it was', () => {
  expect(filePathOf(Buffer.from('/a/b'))).toEqual({ text: '/a/b' });
  const bytes = Buffer.from([0x2f, 0xff, 0x61]);
  expect(filePathOf(bytes)).toEqual({ text: '/\ufffda', bytes: bytes.toString('base64') });
  expect(bytesOfPath(filePathOf(bytes))).toEqual(bytes);
});

test('a path longer than the wire takes is cut to be read, and whole in its bytes', () => {
  // The cut falls into the middle of the second 🗎, which takes two places of a string.
  const bytes = Buffer.from(`${'/'.repeat(4093)}🗎🗎`);
  const path = filePathOf(bytes);
  expect(path.text).toBe(`${'/'.repeat(4093)}🗎\ufffd`);
  expect(bytesOfPath(path)).toEqual(bytes);
});

test('an absolute path has its folders and its last name', () => {
  expect(partsOf(Buffer.from('/srv//share/a'))).toEqual({
    folders: [Buffer.from('srv'), Buffer.from('share')],
    name: Buffer.from('a'),
  });
});

test.each(['srv/a', '/', '/srv/../a', '/srv/./a', '/srv/a\0b'])(
  '%j leads to nothing that could be taken away',
  (text) => {
    expect(partsOf(Buffer.from(text))).toBeUndefined();
  },
);
