/** The file that starts this program, for starting it again as another process. */
import { fileURLToPath } from 'node:url';

/** bin/cordon-agent.mjs chooses between source and build by itself. */
export function entryPoint(): string {
  return fileURLToPath(new URL('../bin/cordon-agent.mjs', import.meta.url));
}
