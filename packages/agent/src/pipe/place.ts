/** Where the state and the socket between link and enforcer are. */
import { join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

/** sockaddr_un holds 108 bytes with the closing zero. A longer path would be cut short silently somewhere else. */
const longestPath = 107;

export function stateFolder(environment: Environment): string {
  return environment['CORDON_AGENT_STATE'] ?? '/var/lib/cordon';
}

export function socketPath(environment: Environment): string {
  const path = environment['CORDON_AGENT_SOCKET'] ?? join(stateFolder(environment), 'run', 'enforcer.sock');
  const length = Buffer.byteLength(path);
  if (length > longestPath) {
    throw new Error(
      `The socket path ${path} has ${length} bytes; a UNIX socket allows ${longestPath}. Set CORDON_AGENT_SOCKET to a shorter path.`,
    );
  }
  return path;
}
