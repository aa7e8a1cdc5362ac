/** Where this package is: `../` from `src/`, from `dist/`, and from the folder of a bundle. */
export const packageFolder: URL = new URL('../', import.meta.url);
