/** Tells systemd that the saved isolation is in force (sd_notify(3)), so that the network may come up. */
import { execFile } from 'node:child_process';
import type { Environment } from './paths.ts';

/** Node has no UNIX datagrams; systemd brings the program that has. Without systemd there is nobody to tell. */
export function tellServiceManager(environment: Environment): void {
  if (environment['NOTIFY_SOCKET'] === undefined) return;
  // Who does not hear of it waits for its own time-out, and then starts us again: nothing to do about it here.
  execFile('systemd-notify', ['--ready'], () => undefined);
}
