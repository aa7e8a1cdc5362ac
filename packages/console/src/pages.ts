/** Where the built pages lie, for the server that serves them. */

/** Made by `tools/console-site.ts`; the same folder from the sources and from `dist`. */
export const siteFolder: URL = new URL('../dist/site/', import.meta.url);
