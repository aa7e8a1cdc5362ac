/** Opens a UNIX socket that nobody but its owner can connect to. */
import type { Server } from 'node:net';
import { removeIfThere } from '../fs/durable.ts';

/** In place of what an earlier process has left there. Made 0600 by the umask, so there is no moment in which it is more. */
export function listenPrivately(server: Server, path: string): Promise<void> {
  removeIfThere(path);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  const umask = process.umask(0o177);
  server.listen(path, resolve);
  process.umask(umask);
  return promise;
}
