/** The files that start another process of this program, and its threads. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** bin/cordon-agent.mjs chooses between source and build. */
export function entryPoint(): string {
  return fileURLToPath(new URL('../bin/cordon-agent.mjs', import.meta.url));
}

/** The program of a thread, by the path of its source from the module at `address`; a build has another ending. */
export function threadProgram(path: string, address: string): URL {
  return new URL(path.replace(/\.ts$/, extname(address)), address);
}
