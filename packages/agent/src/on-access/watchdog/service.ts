/** Tells systemd now and then that watch lives (sd_notify(3)): the last resort, should its own watchdog be dead as well. */
import { execFile } from 'node:child_process';
import type { Environment } from '../../ipc/paths.ts';

export function keepServiceManagerCalm(environment: Environment): { stop: () => void } {
  const limit = Number(environment['WATCHDOG_USEC']) / 1000;
  if (environment['NOTIFY_SOCKET'] === undefined || !Number.isFinite(limit) || limit <= 0)
    return { stop: () => undefined };
  // Node has no UNIX datagrams; systemd brings the program that has. If it fails, systemd starts us again.
  const timer = setInterval(() => execFile('systemd-notify', ['WATCHDOG=1'], () => undefined), limit / 3);
  return { stop: () => clearInterval(timer) };
}
