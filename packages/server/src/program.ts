/** Where the server's programs are: in its sources and in its package alike. */

/** `../` from `src/` and from the folder of a bundle. */
export const packageFolder: URL = new URL('../', import.meta.url);

/** The program of a worker thread, by its path below `src/` without extension. tools/package/bundle.ts lists them. */
export function threadProgram(path: string): URL {
  return new URL(`./${path}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}
