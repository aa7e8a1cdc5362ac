/** Measures sweeps in a mount namespace, on one loop image. */
import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runMeasurement, loopImage, say, scratch } from '../harness/inside-namespaces.ts';
import type { LoopImage } from '../harness/inside-namespaces.ts';
import { makeTree, writeLists } from './tree.ts';
import type { Lists, Tree } from './tree.ts';

const run = promisify(execFile);
const timeoutMs = 300_000;
const manyBytes = 64 << 20;

export interface SweepPlan {
  readonly files: number;
  readonly listed: number;
  readonly rounds: number;
  readonly coldRounds: number;
  /** The folder of the compiled agent. */
  readonly agent: string;
  readonly missing: Readonly<Record<string, string>>;
}

export type Took = Readonly<Record<string, number[]>>;

/** Milliseconds of each run: wall time and CPU time; `itself` excludes the start of Node. */
export interface SweepResult {
  readonly warm: Took;
  readonly warmCpu: Took;
  readonly cold: Took;
  readonly itself: Took;
  readonly itselfCpu: Took;
  readonly bytes: number;
  readonly partFiles: number;
  readonly missing: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly took: number;
  readonly cpu: number;
  /** The listed files that it found; undefined if it searches for none. */
  readonly found: number | undefined;
  /** Both exclude the start of Node. */
  readonly itself?: { readonly took: number; readonly cpu: number };
}

interface Site {
  readonly agent: string;
  readonly tree: Tree;
  readonly lists: Lists;
  readonly digests: string;
}

/** Cordon's sweeps yield to all other processes, so the others do here too: load then slows all of them equally. */
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

await runMeasurement<SweepPlan, SweepResult>(async ({ plan, folder }) => {
  const place = scratch(folder);
  const size = `${Math.ceil((plan.files * 20_000) / 2 ** 20) + 200}M`;
  const image = loopImage({ folder, point: join(place, 'tree'), type: 'ext4', size, inodes: plan.files * 2 });
  say(`making ${plan.files} files`);
  const tree = makeTree(join(image.point, 'all'), plan.files);
  const site: Site = {
    agent: plan.agent,
    tree,
    lists: writeLists(place, tree, plan.listed),
    digests: join(place, 'digests'),
  };
  const ways = waysFor(site);
  for (const name of Object.keys(plan.missing)) delete ways[name];
  // From here on, everything is in the cache.
  await ways['sha1sum']?.();
  const warm = await inRounds(ways, { rounds: plan.rounds, site });
  const chosen = Object.fromEntries(Object.entries(ways).filter(([name]) => coldToo.has(name)));
  const cold = await inRounds(chosen, { rounds: plan.coldRounds, site, image });
  return {
    warm: each(warm, ({ took }) => took),
    warmCpu: each(warm, ({ cpu }) => cpu),
    cold: each(cold, ({ took }) => took),
    itself: each(warm, ({ itself }) => itself?.took),
    itselfCpu: each(warm, ({ itself }) => itself?.cpu),
    bytes: tree.bytes,
    partFiles: tree.partFiles,
    missing: plan.missing,
  };
});

type Outcomes = Readonly<Record<string, Outcome[]>>;

/** Each way once per round, in random order; an image is remounted before each. */
async function inRounds(
  ways: Readonly<Record<string, () => Promise<Outcome>>>,
  { rounds, site, image }: { rounds: number; site: Site; image?: LoopImage },
): Promise<Outcomes> {
  const outcomes: Record<string, Outcome[]> = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, way] of shuffled(Object.entries(ways))) {
      image?.remount();
      const outcome = await way();
      const [took, cpu] = [Math.round(outcome.took), Math.round(outcome.cpu)];
      say(`${image ? 'cold' : 'warm'} ${round + 1}: ${name} ${took} ms, ${cpu} of processors`);
      const desired = name === 'lstat' ? undefined : site.tree.listed.length;
      if (outcome.found !== desired) throw new Error(`${name} found ${outcome.found} of ${desired} listed files.`);
      (outcomes[name] ??= []).push(outcome);
    }
  }
  return outcomes;
}

function each(outcomes: Outcomes, field: (outcome: Outcome) => number | undefined): Took {
  return Object.fromEntries(
    Object.entries(outcomes).map(([name, all]) => [name, all.flatMap((outcome) => field(outcome) ?? [])]),
  );
}

function waysFor({ agent, tree, lists, digests }: Site): Record<string, () => Promise<Outcome>> {
  const { root, part } = tree;
  const cordon = async (...args: string[]): Promise<Outcome> => ours('cordon.ts', [agent, ...args]);
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

async function ours(program: string, args: readonly string[]): Promise<Outcome> {
  const path = new URL(program, import.meta.url).pathname;
  const { output, took, cpu } = await timed(process.execPath, path, ...args);
  const result: { found: number; took: number; cpu: number } = JSON.parse(output);
  return { took, cpu, found: result.found, itself: { took: result.took, cpu: result.cpu } };
}

/** They print one line for each listed file. */
async function theirs(program: string, ...args: string[]): Promise<Outcome> {
  const { output, took, cpu } = await timed(program, ...args);
  return { took, cpu, found: output.split('\n').filter((line) => line !== '').length };
}

/** The shell reports the CPU time at the end. Exit code 1 of clamscan means that it found something. */
async function timed(...command: string[]): Promise<{ output: string; took: number; cpu: number }> {
  const from = performance.now();
  const script = '"$@"; code=$?; times >&2; [ $code -le 1 ]';
  const { stdout, stderr } = await run('nice', [...lowest, 'sh', '-c', script, 'sh', ...command], {
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    maxBuffer: manyBytes,
  });
  return { output: stdout, took: performance.now() - from, cpu: processorTime(stderr) };
}

/** Milliseconds. The last line that `times` prints is of what the shell has started: `0m1.230000s 0m0.450000s`. */
function processorTime(text: string): number {
  const found = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(text)?.slice(1).map(Number);
  const [userMinutes = NaN, user = NaN, minutes = NaN, system = NaN] = found ?? [];
  return ((userMinutes + minutes) * 60 + user + system) * 1000;
}

function shuffled<T>(list: readonly T[]): T[] {
  return list
    .map((one) => ({ one, at: Math.random() }))
    .toSorted((first, second) => first.at - second.at)
    .map(({ one }) => one);
}
