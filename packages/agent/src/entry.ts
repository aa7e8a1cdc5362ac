/** Where the programs of the agent are: in its sources, its build, and its package alike. */
import { fileURLToPath } from 'node:url';

/** `../` from `src/`, from `dist/`, and from the folder of a bundle. */
export const packageFolder: URL = new URL('../', import.meta.url);

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** The file that starts this program, to start another process with it: it chooses between source and build. */
export function entryPoint(): string {
  return fileURLToPath(new URL('bin/cordon-agent.mjs', packageFolder));
}

/** The program of a worker thread, by its path below `src/` without extension. tools/package/bundle.ts lists them. */
export function threadProgram(path: string): URL {
  return new URL(`./${path}${extension}`, import.meta.url);
}
