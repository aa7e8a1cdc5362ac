/** Compares transcripts with the golden files that readers check by eye; `vitest -u` writes them anew. */
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Harness, Served, Setting } from './harness.ts';

const folder = fileURLToPath(new URL('../../packages/cli/src/golden/', import.meta.url));

export async function expectGolden(
  harness: Harness<Served>,
  name: string,
  lines: readonly (string | readonly [string, Setting])[],
): Promise<void> {
  await expect(await harness.transcript(lines)).toMatchFileSnapshot(`${folder}${name}.txt`);
}
