/** Gives up root for good, before the first byte from the network is read. */
import { linkUser } from '../ipc/link-user.ts';
import type { Environment } from '../ipc/paths.ts';

/** The user we are afterwards. Whoever is not root stays who they are. */
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
