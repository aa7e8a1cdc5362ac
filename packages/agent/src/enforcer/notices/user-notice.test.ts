/** What people on an endpoint may be shown, and where. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserNoticeFiles, plain, terminalsIn } from './user-notice.ts';

test.each([
  ['Call 4711.', 'Call 4711.'],
  ['red \u001B[31m alarm\u0007', 'red  [31m alarm'],
  ['two\r\nlines\u2028here', 'two lines here'],
  ['from right \u202Eto left', 'from right  to left'],
  ['x'.repeat(300), 'x'.repeat(256)],
  ['\u001B\u0000', ''],
])('%j is shown as %j', (message, shown) => {
  expect(plain(message)).toBe(shown);
});

test('terminals are the second column of who(1), if that is what they are called', () => {
  const listed =
    'root     pts/0        2026-11-22 05:00 (10.0.0.1)\nann tty1 x\neve ../../etc/passwd x\nbob :0 x\nann pts/0 x\n';
  expect(terminalsIn(listed)).toEqual(['/dev/pts/0', '/dev/tty1']);
});

test('a message is there for everybody to read until it is taken away, and failing to write it is only logged', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cordon-people-'));
  const path = join(folder, 'motd.d', 'cordon');
  const logged: string[] = [];
  const users = new UserNoticeFiles(path, (event) => logged.push(event));
  users.isolated(undefined, { toTerminals: false });
  expect(readFileSync(path, 'utf8')).toMatch(/^This endpoint has been isolated from the network/);
  expect(statSync(path).mode & 0o777).toBe(0o644);
  users.restored();
  users.restored();
  expect(logged).toEqual([]);
  new UserNoticeFiles(join(folder, 'motd.d', 'x', '\0'), (event) => logged.push(event)).isolated('Hello', {
    toTerminals: true,
  });
  expect(logged).toEqual(['notice failed']);
  rmSync(folder, { recursive: true });
});
