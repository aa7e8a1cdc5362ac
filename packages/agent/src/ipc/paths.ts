/** Where the state and the sockets of the enforcer are. */
import { join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** sockaddr_un holds 108 bytes with the closing zero. A longer path would be cut short silently somewhere else. */
const longestPath = 107;

export function stateFolder(environment: Environment): string {
  return environment['CORDON_AGENT_STATE'] ?? '/var/lib/cordon';
}

export function socketPath(environment: Environment): string {
  return withinLimit(environment['CORDON_AGENT_SOCKET'] ?? join(stateFolder(environment), 'run', 'enforcer.sock'));
}

/** The way in for root at the endpoint, beside the one for link. */
export function counterPath(environment: Environment): string {
  return withinLimit(`${socketPath(environment)}.root`);
}

/** The way in for the parts that handle files, which are root too. */
export function workersPath(environment: Environment): string {
  return withinLimit(`${socketPath(environment)}.parts`);
}

function withinLimit(path: string): string {
  const length = Buffer.byteLength(path);
  if (length > longestPath) {
    throw new Error(
      `The socket path ${path} has ${length} bytes; a UNIX socket allows ${longestPath}. Set CORDON_AGENT_SOCKET to a shorter path.`,
    );
  }
  return path;
}
