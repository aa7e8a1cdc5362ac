/** Compares transcripts with golden files that are reviewed by eye; `vitest -u` rewrites them. */
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
