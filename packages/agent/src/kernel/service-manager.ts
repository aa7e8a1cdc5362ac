/** Notifies systemd that a process is ready, or alive (sd_notify(3)). Without systemd there is nobody to notify. */
import { systemCalls } from './calls.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const unixFamily = 1;
const datagramCloseOnExec = 0x2 | 0x80000;

/** The saved isolation is in force, so the network may come up. */
export function notifyReady(environment: Environment): void {
  notify(environment, 'READY=1');
}

/** Sends signs of life for as long as systemd wants them (WatchdogSec): the last resort when our own watchdog is dead too. */
export function keepAlive(environment: Environment): { stop: () => void } {
  const timeoutMs = Number(environment['WATCHDOG_USEC']) / 1000;
  if (!(timeoutMs > 0)) return { stop: () => undefined };
  const timer = setInterval(() => notify(environment, 'WATCHDOG=1'), timeoutMs / 3);
  return { stop: () => clearInterval(timer) };
}

/** Node has no UNIX datagrams. When one fails, systemd runs into its timeout and restarts us: nothing is left to do here. */
function notify(environment: Environment, state: string): void {
  const path = environment['NOTIFY_SOCKET'];
  if (path === undefined) return;
  try {
    const calls = systemCalls();
    const socket = calls.socket(unixFamily, datagramCloseOnExec, 0);
    try {
      calls.sendTo(socket, Buffer.from(state), socketAddress(path));
    } finally {
      calls.close(socket);
    }
  } catch {
    // See above.
  }
}

/** struct sockaddr_un; a name that starts with "@" is in the abstract namespace (unix(7)). */
function socketAddress(path: string): Buffer {
  const family = Buffer.alloc(2);
  family.writeUInt16LE(unixFamily);
  return Buffer.concat([family, Buffer.from(path.startsWith('@') ? `\0${path.slice(1)}` : path)]);
}
