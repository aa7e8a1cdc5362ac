/** The folder of the built pages, for the server. */

/** Built by `tools/console-site.ts`; the same folder from the sources and from `dist`. */
export const siteFolder: URL = new URL('../dist/site/', import.meta.url);
