/** The measurement of `sweep.ts`, in a mount namespace of its own, on one loop image. */
import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inside, loopImage, say, scratch } from '../harness/inside.ts';
import type { LoopImage } from '../harness/inside.ts';
import { makeTree, writeLists } from './tree.ts';
import type { Lists, Tree } from './tree.ts';

const run = promisify(execFile);
const patience = 300_000;
const manyBytes = 64 << 20;

export interface SweepPlan {
  readonly files: number;
  readonly listed: number;
  readonly rounds: number;
  readonly coldRounds: number;
  readonly missing: Readonly<Record<string, string>>;
}

/** Milliseconds of each run from its start to its end, by way; `itself` is Cordon's sweep without the start of a process. */
export interface SweepResult {
  readonly warm: Readonly<Record<string, number[]>>;
  readonly cold: Readonly<Record<string, number[]>>;
  readonly itself: Readonly<Record<string, number[]>>;
  readonly bytes: number;
  readonly partFiles: number;
  readonly missing: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly took: number;
  /** Listed files that it found; undefined for what looks for nothing. */
  readonly found: number | undefined;
  readonly itself?: number;
}

interface Site {
  readonly tree: Tree;
  readonly lists: Lists;
  readonly digests: string;
}

/** Cordon's sweeps yield to everybody, so all others do here: whatever else runs holds up all of them alike. */
const lowest = ['-n', '19', 'ionice', '-c', '3'] as const;
const coldToo: ReadonlySet<string> = new Set(['cordon', 'cordon sized', 'sha1sum', 'hashdeep', 'lstat']);

const clamscanOptions = [
  '-r',
  '-i',
  '--no-summary',
  '--bytecode=no',
  '--phishing-sigs=no',
  '--phishing-scan-urls=no',
  ...'pe elf ole2 pdf swf html mail archive image xmldocs hwp3 onenote'.split(' ').map((kind) => `--scan-${kind}=no`),
];

await inside<SweepPlan, SweepResult>(async ({ plan, folder }) => {
  const place = scratch(folder);
  const size = `${Math.ceil((plan.files * 20_000) / 2 ** 20) + 200}M`;
  const image = loopImage({ folder, point: join(place, 'tree'), type: 'ext4', size, inodes: plan.files * 2 });
  say(`making ${plan.files} files`);
  const tree = makeTree(join(image.point, 'all'), plan.files);
  const site: Site = { tree, lists: writeLists(place, tree, plan.listed), digests: join(place, 'digests') };
  const ways = waysFor(site);
  for (const name of Object.keys(plan.missing)) delete ways[name];
  const itself: Record<string, number[]> = {};
  // Everything is in the cache from here on.
  await ways['sha1sum']?.();
  const warm = await inRounds(ways, { rounds: plan.rounds, site, itself });
  const chosen = Object.fromEntries(Object.entries(ways).filter(([name]) => coldToo.has(name)));
  const cold = await inRounds(chosen, { rounds: plan.coldRounds, site, image, itself: {} });
  return { warm, cold, itself, bytes: tree.bytes, partFiles: tree.partFiles, missing: plan.missing };
});

/** Every way once a round, in random order; with an image it is mounted anew before each. */
async function inRounds(
  ways: Readonly<Record<string, () => Promise<Outcome>>>,
  { rounds, site, image, itself }: { rounds: number; site: Site; image?: LoopImage; itself: Record<string, number[]> },
): Promise<Record<string, number[]>> {
  const took: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, way] of shuffled(Object.entries(ways))) {
      image?.remount();
      const outcome = await way();
      say(`${image ? 'cold' : 'warm'} ${round + 1}: ${name} ${Math.round(outcome.took)} ms`);
      const wanted = name === 'lstat' ? undefined : site.tree.listed.length;
      if (outcome.found !== wanted) throw new Error(`${name} found ${outcome.found} of ${wanted} listed files.`);
      (took[name] ??= []).push(outcome.took);
      if (outcome.itself !== undefined) (itself[name] ??= []).push(outcome.itself);
    }
  }
  return took;
}

function waysFor({ tree, lists, digests }: Site): Record<string, () => Promise<Outcome>> {
  const { root, part } = tree;
  return {
    lstat: async () => ({ ...(await ours('lstat-walk.ts', [root])), found: undefined }),
    cordon: async () => cordon(lists.unsized, root),
    'cordon again': async () => {
      if (!existsSync(digests)) await cordon(lists.unsized, root, digests);
      return cordon(lists.unsized, root, digests);
    },
    'cordon first, remembering': async () => {
      rmSync(digests, { force: true });
      return cordon(lists.unsized, root, digests);
    },
    'cordon sized': async () => cordon(lists.sized, root),
    'cordon, part': async () => cordon(lists.unsized, part),
    sha1sum: async () =>
      theirs('sh', '-c', 'find "$1" -type f -print0 | xargs -0 -P2 sha1sum | grep -Ff "$2"', 'sh', root, lists.plain),
    hashdeep: async () => theirs('hashdeep', '-r', '-s', '-c', 'sha1', '-m', '-k', lists.hashdeep, root),
    clamscan: async () => theirs('clamscan', ...clamscanOptions, `--database=${lists.clamav}`, part),
  };
}

async function cordon(...args: string[]): Promise<Outcome> {
  return ours('cordon.ts', args);
}

async function ours(program: string, args: readonly string[]): Promise<Outcome> {
  const from = performance.now();
  const path = new URL(program, import.meta.url).pathname;
  const { stdout } = await run('nice', [...lowest, process.execPath, path, ...args], {
    timeout: patience,
    killSignal: 'SIGKILL',
  });
  const told: { found: number; took: number } = JSON.parse(stdout);
  return { took: performance.now() - from, found: told.found, itself: told.took };
}

/** They print one line for each listed file; with 1, clamscan says that there were any. */
async function theirs(program: string, ...args: string[]): Promise<Outcome> {
  const from = performance.now();
  const options = { timeout: patience, killSignal: 'SIGKILL', maxBuffer: manyBytes } as const;
  const { stdout } = await run('nice', [...lowest, program, ...args], options).catch(
    (error: { code?: unknown; stdout: string }) => {
      if (error.code === 1) return error;
      throw error;
    },
  );
  return { took: performance.now() - from, found: stdout.split('\n').filter((line) => line !== '').length };
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((one) => ({ one, at: Math.random() }))
    .toSorted((first, second) => first.at - second.at)
    .map(({ one }) => one);
}
