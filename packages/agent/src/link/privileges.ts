/** Gives up root before the first byte from the network is read. */
import { linkUser } from '../ipc/paths.ts';
import type { Environment } from '../ipc/paths.ts';

/** Returns the user we are afterwards. A process that is not root stays what it is. */
export function dropPrivileges(environment: Environment): number | undefined {
  if (process.getuid?.() !== 0) return process.getuid?.();
  const { uid, gid } = linkUser(environment);
  process.setgroups?.([]);
  process.setgid?.(gid);
  process.setuid?.(uid);
  if (process.getuid() === 0)
    throw new Error('Link is still root after giving it up; CORDON_AGENT_USER must not be root.');
  return uid;
}
