/** Creates the tree to sweep, and the list of files to find in each tool's format. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileRule } from '../../packages/agent/src/ipc/worker-messages.ts';
import { clamDatabase } from '../harness/monitors.ts';
import { ruleFor } from '../harness/on-access-process.ts';

const filesInFolder = 100;
/** Log-normal with a mean of 6.6 kB: many small files and a few large ones, as on a home or web server. */
const [mean, deviation] = [6600, 1.6] as const;
const largest = 4 << 20;
const hits = 3;

export interface Tree {
  readonly root: string;
  /** A fifth of it, for tools that would take too long. */
  readonly part: string;
  readonly partFiles: number;
  readonly bytes: number;
  readonly listed: readonly Listed[];
}

interface Listed {
  readonly sha1: string;
  readonly size: number;
}

export function makeTree(root: string, count: number): Tree {
  const pool = randomBytes(largest * 2);
  const matched: Listed[] = [];
  const inPart = Math.ceil(count / 5);
  let bytes = 0;
  for (let number = 0; number < count; number += 1) {
    const folder = join(root, number < inPart ? 'part' : 'rest', String(Math.floor(number / filesInFolder)));
    if (number % filesInFolder === 0 || number === inPart) mkdirSync(folder, { recursive: true });
    const size = sizeOfNext();
    const at = Math.floor(Math.random() * (pool.length - size));
    const content = pool.subarray(at, at + size);
    // No two files are alike, so that no tool can reuse a cached result.
    content.writeUInt32LE(number);
    writeFileSync(join(folder, `file ${number}`), content);
    bytes += size;
    if (number % Math.ceil(inPart / hits) === 0 && matched.length < hits)
      matched.push({ sha1: createHash('sha1').update(content).digest('hex'), size });
  }
  return { root, part: join(root, 'part'), partFiles: inPart, bytes, listed: matched };
}

function sizeOfNext(): number {
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  const size = Math.exp(Math.log(mean) - deviation ** 2 / 2 + deviation * normal);
  return Math.min(largest, Math.max(4, Math.round(size)));
}

export interface Lists {
  readonly unsized: string;
  readonly sized: string;
  readonly plain: string;
  readonly hashdeep: string;
  /** A folder. */
  readonly clamav: string;
}

/** The same hashes for all tools. Sizes of files not in the tree are spread evenly up to 8 MB. */
export function writeLists(folder: string, { listed }: Tree, count: number): Lists {
  const all = [
    ...listed,
    ...Array.from({ length: count - listed.length }, () => ({
      sha1: randomBytes(20).toString('hex'),
      size: 1000 + Math.floor(Math.random() * 8e6),
    })),
  ];
  const rules = (sized: boolean): FileRule[] =>
    all.map(({ sha1, size }) => ({ ...ruleFor(''), sha1: sha1.toUpperCase(), size: sized ? size : null }));
  const known = all.map(({ sha1, size }) => `${size},${sha1},listed`);
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return {
    unsized: write('unsized.json', JSON.stringify(rules(false))),
    sized: write('sized.json', JSON.stringify(rules(true))),
    plain: write('plain', all.map(({ sha1 }) => `${sha1}\n`).join('')),
    hashdeep: write('hashdeep', `%%%% HASHDEEP-1.0\n%%%% size,sha1,filename\n${known.join('\n')}\n`),
    clamav: clamDatabase(
      folder,
      all.map(({ sha1 }) => sha1),
    ),
  };
}
