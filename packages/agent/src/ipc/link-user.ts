/** The unprivileged user that link runs as. */
import { readFileSync } from 'node:fs';
import type { Environment } from './paths.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** "nobody" on every Linux: owns nothing, may do nothing. */
const nobody: User = { uid: 65_534, gid: 65_534 };

/** CORDON_AGENT_USER must exist when it is set; without it, `cordon` if there is such a user, else nobody. */
export function linkUser(environment: Environment, passwd: string = readFileSync('/etc/passwd', 'utf8')): User {
  const desired = environment['CORDON_AGENT_USER'];
  const found = userNamed(desired ?? 'cordon', passwd);
  if (desired !== undefined && !found) {
    throw new Error(`There is no user "${desired}" (CORDON_AGENT_USER) in /etc/passwd; add it or unset the variable.`);
  }
  return found ?? nobody;
}

function userNamed(name: string, passwd: string): User | undefined {
  const line = passwd.split('\n').find((one) => one.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
