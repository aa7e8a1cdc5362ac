/** The files that start another process of this program, and its threads. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** bin/cordon-agent.mjs chooses between source and build. */
export function entryPoint(): string {
  return fileURLToPath(new URL('../bin/cordon-agent.mjs', import.meta.url));
}

/** The program of a thread, by its path from the module at `address`: source and build have other endings. */
export function threadProgram(path: string, address: string): URL {
  return new URL(`${path}${extname(address)}`, address);
}
