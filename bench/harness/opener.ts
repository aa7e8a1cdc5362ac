/** Opens files and runs programs, and times each: the same loop with every monitor and without. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

export type OpenerRequest =
  | { readonly do: 'open'; readonly paths: readonly string[] }
  | { readonly do: 'run'; readonly path: string; readonly times: number }
  | { readonly do: 'probe'; readonly path: string };

/** Microseconds; or the error code of the probe, empty if the file could be opened. */
export type OpenerAnswer = { readonly samples: number[] } | { readonly code: string } | { readonly failed: string };

process.on('disconnect', () => process.exit(0));
process.on('message', (asked: OpenerRequest) => process.send?.(answer(asked)));

function answer(asked: OpenerRequest): OpenerAnswer {
  try {
    if (asked.do === 'probe') return { code: probe(asked.path) };
    return { samples: asked.do === 'open' ? openAll(asked.paths) : runOften(asked.path, asked.times) };
  } catch (error) {
    return { failed: String(error) };
  }
}

function openAll(paths: readonly string[]): number[] {
  const samples = new Float64Array(paths.length);
  for (let index = 0; index < paths.length; index += 1) {
    const from = process.hrtime.bigint();
    const file = openSync(paths[index] ?? '', 'r');
    samples[index] = Number(process.hrtime.bigint() - from) / 1000;
    closeSync(file);
  }
  return [...samples];
}

function runOften(path: string, times: number): number[] {
  return Array.from({ length: times }, () => {
    const from = process.hrtime.bigint();
    const { status } = spawnSync(path, { stdio: 'ignore' });
    if (status !== 0) throw new Error(`${path} ended with ${status}.`);
    return Number(process.hrtime.bigint() - from) / 1000;
  });
}

function probe(path: string): string {
  try {
    closeSync(openSync(path, 'r'));
    return '';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
