/** Notifications for systemd, received by a real datagram socket in its place. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepAlive, notifyReady } from './service-manager.ts';

/** Prints a line once it listens, and then one for each datagram, with the process that sent it. */
const receiver = `
import socket, struct, sys
end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
end.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
name = sys.argv[1]
end.bind('\\0' + name[1:] if name.startswith('@') else name)
print('listening', flush=True)
while True:
    data, control, _, _ = end.recvmsg(100, socket.CMSG_SPACE(12))
    print(data.decode(), struct.unpack('3i', control[0][2])[0], flush=True)
`;

let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-notify-'));
});

afterEach(() => {
  child?.kill();
  rmSync(folder, { recursive: true, force: true });
});

async function listenAt(name: string): Promise<AsyncIterator<string>> {
  child = spawn('python3', ['-c', receiver, name], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child, 'spawn');
  if (!child.stdout) throw new Error('It has no output.');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe('listening');
  return lines;
}

test('ready is sent by this very process, to a path and to an abstract name', async () => {
  for (const name of [join(folder, 'notify'), `@${folder}`]) {
    const lines = await listenAt(name);
    notifyReady({ NOTIFY_SOCKET: name });
    expect((await lines.next()).value).toBe(`READY=1 ${process.pid}`);
    child?.kill();
  }
});

test('signs of life come three times within the time that systemd allows', async () => {
  const lines = await listenAt(join(folder, 'notify'));
  const from = performance.now();
  const alive = keepAlive({ NOTIFY_SOCKET: join(folder, 'notify'), WATCHDOG_USEC: '300000' });
  expect((await lines.next()).value).toBe(`WATCHDOG=1 ${process.pid}`);
  expect(performance.now() - from).toBeGreaterThan(90);
  expect((await lines.next()).value).toBe(`WATCHDOG=1 ${process.pid}`);
  alive.stop();
});

test('without systemd, and with one that is gone, nothing happens', () => {
  expect(() => {
    notifyReady({});
    notifyReady({ NOTIFY_SOCKET: join(folder, 'nobody') });
    keepAlive({ NOTIFY_SOCKET: join(folder, 'nobody') }).stop();
  }).not.toThrow();
});
