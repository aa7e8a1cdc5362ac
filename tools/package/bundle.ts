/** Bundles a program: one folder of JavaScript without types, in which nothing is loaded that it does not use. */
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = new URL('../../', import.meta.url);

export interface Program {
  readonly folder: string;
  /** Below `src/`, without extension: what is started by itself, as a process or as a thread. */
  readonly entries: readonly string[];
  /** Stays outside, in node_modules: native. */
  readonly external: readonly string[];
}

export const programs = {
  agent: {
    folder: 'packages/agent',
    entries: [
      'main',
      'on-access/reader/reader',
      'on-access/reader/hasher',
      'scanner/sweep/worker',
      'scanner/quarantine/worker',
      'scanner/protected-files/worker',
    ],
    external: ['koffi'],
  },
  server: { folder: 'packages/server', entries: ['main', 'database/sqlite/worker'], external: ['pg-native'] },
  command: { folder: 'packages/cli', entries: ['main'], external: [] },
} as const satisfies Record<string, Program>;

/**
 * Writes the bundle, and returns the modules that are in it. Everything that is shared lies flat in `into`, so that
 * `../` is the package's folder, as it is from `src/`.
 */
export async function bundle({ folder, entries, external }: Program, into: string): Promise<string[]> {
  const source = fileURLToPath(new URL(`${folder}/src/`, root));
  const build = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [entry, `${source}${entry}.ts`])),
    platform: 'node',
    external: [...external],
  });
  const { output } = await build.write({
    dir: into,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunk-[name]-[hash].js',
    minify: true,
    comments: false,
  });
  await build.close();
  return output.flatMap((one) => (one.type === 'chunk' ? one.moduleIds : []));
}
