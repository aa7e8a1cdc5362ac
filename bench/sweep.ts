/** Claim: a sweep is faster than the programs that people use for it, and costs hardly more than looking at names where sizes are known. */
import type { Claim, Row } from './claim.ts';
import { apart, whyNotApart } from './harness/apart.ts';
import { missingHere } from './harness/missing.ts';
import { median, megabytes, short, times } from './numbers.ts';
import type { SweepPlan, SweepResult } from './sweep/inside.ts';

const patience = 1_500_000;
const files = 100_000;

export const sweepTree: Claim = {
  name: 'sweep',
  title: `sweep of ${files.toLocaleString('en-US')} files`,
  unable: () => whyNotApart('mkfs.ext4'),
  measure: async (say) => {
    const missing = await missingHere('hashdeep', 'clamscan');
    const plan: SweepPlan = { files, listed: 20_004, rounds: 5, coldRounds: 3, missing };
    return rowsOf(
      await apart<SweepResult>({ program: new URL('sweep/inside.ts', import.meta.url), plan, patience, say }),
    );
  },
};

function rowsOf(result: SweepResult): Row[] {
  const { warm, cold, itself, bytes, partFiles } = result;
  const tree = `${sweepTree.title}, ${megabytes(bytes)}`;
  const [besideWarm, besideCold] = [beside(warm, result), beside(cold, result)];
  const alone = (name: string): string => `${seconds(warm, name)}; without starting Node ${seconds(itself, name)}`;
  const ratio = (of: string, to: string): string => times(fastest(itself, of) / fastest(itself, to));
  return [
    {
      what: `${tree}, warm, n ${warm['cordon']?.length ?? 0}: fastest (median)`,
      measured: alone('cordon'),
      ...besideWarm('cordon', ['hashdeep', 'sha1sum']),
      aim: '≥ 1.8× faster than hashdeep',
    },
    {
      what: `the first ${partFiles.toLocaleString('en-US')} of them, warm`,
      measured: alone('cordon, part'),
      ...besideWarm('cordon, part', ['clamscan']),
      aim: '≥ 13× faster than clamscan',
    },
    {
      what: `${tree}, warm, every listed size known`,
      measured: alone('cordon sized'),
      ...besideWarm('cordon sized', ['lstat']),
      ratio: `${compared(warm, 'cordon sized', 'lstat')}; without starting Node ${ratio('cordon sized', 'lstat')}`,
      aim: '< 1.3× of the bare walk',
    },
    {
      what: `${tree}, warm, a second time, nothing changed`,
      measured: alone('cordon again'),
      ...besideWarm('cordon again', ['lstat', 'cordon first, remembering']),
      aim: 'none',
    },
    {
      what: `${tree}, cold, n ${cold['cordon']?.length ?? 0}`,
      measured: seconds(cold, 'cordon'),
      ...besideCold('cordon', ['hashdeep', 'sha1sum']),
      aim: 'none',
    },
    {
      what: `${tree}, cold, every listed size known`,
      measured: seconds(cold, 'cordon sized'),
      ...besideCold('cordon sized', ['lstat']),
      aim: 'none',
    },
  ];
}

type Took = Readonly<Record<string, number[]>>;

const names: Readonly<Record<string, string>> = {
  lstat: 'bare walk with lstat, one thread of Node',
  sha1sum: '`find`, `xargs -P2 sha1sum`, `grep -Ff`',
  hashdeep: '`hashdeep -r -c sha1 -m`',
  clamscan: '`clamscan` with an .hsb and no parsers',
  'cordon first, remembering': 'the first time, while remembering',
};

function beside(
  took: Took,
  { missing }: SweepResult,
): (own: string, others: readonly string[]) => Pick<Row, 'baseline' | 'ratio'> {
  return (own, others) => ({
    baseline: others.map((name) => `${names[name]}: ${missing[name] ?? seconds(took, name)}`).join('; '),
    ratio: others
      .filter((name) => missing[name] === undefined)
      .map((name) => compared(took, own, name))
      .join(', '),
  });
}

function compared(took: Took, one: string, name: string): string {
  const [own, other] = [fastest(took, one), fastest(took, name)];
  return own <= other ? `${times(other / own)} faster than ${name}` : `${times(own / other)} of ${name}`;
}

/** What the machine's other programs disturb least. */
function fastest(took: Took, name: string): number {
  return Math.min(...(took[name] ?? [NaN]));
}

function seconds(took: Took, name: string): string {
  return `${short(fastest(took, name) / 1000)} (${short(median(took[name] ?? []) / 1000)}) s`;
}
