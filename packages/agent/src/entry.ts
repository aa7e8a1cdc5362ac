/** The file that starts this program, to start another process with it. */
import { fileURLToPath } from 'node:url';

/** bin/cordon-agent.mjs chooses between source and build. */
export function entryPoint(): string {
  return fileURLToPath(new URL('../bin/cordon-agent.mjs', import.meta.url));
}
