/** What the environment says: where the state and the sockets are, which user link is, and whether this is a trial. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** sockaddr_un holds 108 bytes with the closing zero; a longer path would be cut silently. */
const maxPathBytes = 107;

const installed = { state: '/var/lib/cordon', sockets: '/run/cordon' } as const;

export function stateFolder(environment: Environment): string {
  return environment['CORDON_AGENT_STATE'] ?? installed.state;
}

/** The same for the services and for who types a command; with a state elsewhere, inside it. */
export function socketPath(environment: Environment): string {
  const state = stateFolder(environment);
  const folder = state === installed.state ? installed.sockets : join(state, 'run');
  return withinLimit(environment['CORDON_AGENT_SOCKET'] ?? join(folder, 'enforcer.sock'));
}

/** A trial without root: nothing is cut off or examined, and what would be in force is written to files. */
export function isSimulated(environment: Environment): boolean {
  return environment['CORDON_AGENT_SIMULATED'] === '1';
}

/** The control socket: for root at the endpoint, beside the socket for link. */
export function controlPath(environment: Environment): string {
  return withinLimit(`${socketPath(environment)}.control`);
}

/** The socket for the workers, which are root too. */
export function workersPath(environment: Environment): string {
  return withinLimit(`${socketPath(environment)}.workers`);
}

function withinLimit(path: string): string {
  const length = Buffer.byteLength(path);
  if (length > maxPathBytes) {
    throw new Error(
      `The socket path ${path} has ${length} bytes; a UNIX socket allows ${maxPathBytes}. Set CORDON_AGENT_SOCKET to a shorter path.`,
    );
  }
  return path;
}

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
