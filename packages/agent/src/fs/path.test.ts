/** Paths between bytes and what people read. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isWithin, bytesOfPath, filePathOf, joinedPath, partsOf, split, restBelow } from './path.ts';

test('a path that is no text is sent in bytes as well, and comes back as it was', () => {
  expect(filePathOf(Buffer.from('/a/b'))).toEqual({ text: '/a/b' });
  const bytes = Buffer.from([0x2f, 0xff, 0x61]);
  expect(filePathOf(bytes)).toEqual({ text: '/\ufffda', bytes: bytes.toString('base64') });
  expect(bytesOfPath(filePathOf(bytes))).toEqual(bytes);
});

test('a path longer than the wire takes is cut to be read, and whole in its bytes', () => {
  // The cut falls into the middle of the second 🗎, which takes two units of a string.
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

const anyPath = fc.uint8Array({ maxLength: 6000 }).map((bytes) => Buffer.from(bytes));
const names = fc.array(
  fc
    .uint8Array({ minLength: 1, maxLength: 255 })
    .map((bytes) => Buffer.from(bytes))
    .filter((name) => !name.includes(0) && !name.includes(0x2f) && !['.', '..'].includes(name.toString('latin1'))),
  { minLength: 1, maxLength: 8 },
);

test.each([
  ['/', '/srv/a', '/srv/a'],
  ['/srv', '/srv/a', '/a'],
  ['/srv/', '/srv/a', '/a'],
  ['/srv', '/srv', undefined],
  ['/srv', '/srv2/a', undefined],
  ['/srv/a', '/srv', undefined],
])('below %s, %s is %s', (folder, path, rest) => {
  expect(restBelow(Buffer.from(folder), Buffer.from(path))?.toString()).toBe(rest);
  expect(isWithin(Buffer.from(folder), Buffer.from(path))).toBe(rest !== undefined || path === folder);
});

test('any bytes are sent as text that the wire takes, and come back as they were', () => {
  fc.assert(
    fc.property(anyPath, (bytes) => {
      const reported = filePathOf(bytes);
      expect(bytesOfPath(reported)).toEqual(bytes);
      expect(reported.text.length).toBeLessThanOrEqual(4096);
      expect(reported.text.isWellFormed()).toBe(true);
      // Once more through JSON, as both sockets and the spool encode it.
      expect(bytesOfPath(JSON.parse(JSON.stringify(reported)))).toEqual(bytes);
    }),
  );
});

test('any names make a path, and its parts are those names', () => {
  fc.assert(
    fc.property(names, (all) => {
      const path = all.reduce<Buffer>((folder, name) => joinedPath(folder, name), Buffer.from('/'));
      expect(partsOf(path)).toEqual({ folders: all.slice(0, -1), name: all.at(-1) });
      expect(split(path)).toEqual([Buffer.alloc(0), ...all]);
    }),
  );
});

test('whatever bytes are a path to something have names in them that lead nowhere else', () => {
  fc.assert(
    fc.property(anyPath, (bytes) => {
      const parts = partsOf(Buffer.concat([Buffer.from('/'), bytes]));
      for (const name of parts ? [...parts.folders, parts.name] : []) {
        expect(name.length).toBeGreaterThan(0);
        expect(name.includes(0) || name.includes(0x2f)).toBe(false);
        expect(['.', '..']).not.toContain(name.toString('latin1'));
      }
    }),
  );
});
