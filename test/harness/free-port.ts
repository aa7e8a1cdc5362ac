/** A port of loopback that nobody listens on, for programs that must have the same one at each start. */
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the kernel lends to outgoing connections (32768 on), so that none of those takes it in between. */
const [lowest, highest] = [20_000, 32_000];

export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch {
    return false; // Somebody has it, so the next one is tried.
  }
  probe.close();
  await once(probe, 'close');
  return true;
}
