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
  const besideWarm = beside(warm, result);
  const besideCold = beside(cold, result);
  const [clamscan, part] = [median(warm['clamscan'] ?? []), median(warm['cordon, part'] ?? [])];
  const bySelf = (name: string): string =>
    `${seconds(median(warm[name] ?? []))} (without starting Node: ${seconds(median(itself[name] ?? []))})`;
  return [
    {
      what: `${tree}, warm (median of ${warm['cordon']?.length ?? 0})`,
      measured: bySelf('cordon'),
      ...besideWarm('cordon', ['hashdeep', 'sha1sum']),
      aim: '≥ 1.8× faster than hashdeep',
    },
    {
      what: `the first ${partFiles.toLocaleString('en-US')} of them, warm`,
      measured: seconds(part),
      baseline: `clamscan: ${result.missing['clamscan'] ?? seconds(clamscan)}`,
      ratio: Number.isNaN(clamscan) ? '' : `${times(clamscan / part)} faster than clamscan`,
      aim: '≥ 13× faster',
    },
    {
      what: `${tree}, warm, every listed size known`,
      measured: bySelf('cordon sized'),
      ...besideWarm('cordon sized', ['lstat', 'hashdeep']),
      ratio: `${times(of(warm, 'cordon sized') / of(warm, 'lstat'))} of lstat; without starting Node ${times(of(itself, 'cordon sized') / of(itself, 'lstat'))}`,
      aim: '< 1.3× of the bare walk',
    },
    {
      what: `${tree}, warm, a second time, nothing changed`,
      measured: bySelf('cordon again'),
      ...besideWarm('cordon again', ['lstat', 'cordon first, remembering']),
      aim: 'none',
    },
    {
      what: `${tree}, cold`,
      measured: seconds(median(cold['cordon'] ?? [])),
      ...besideCold('cordon', ['hashdeep', 'sha1sum']),
      aim: 'none',
    },
    {
      what: `${tree}, cold, every listed size known`,
      measured: seconds(median(cold['cordon sized'] ?? [])),
      ...besideCold('cordon sized', ['lstat']),
      aim: 'none',
    },
  ];
}

const names: Readonly<Record<string, string>> = {
  lstat: 'bare walk with lstat, one thread of Node',
  sha1sum: '`find`, `xargs -P2 sha1sum`, `grep -Ff`',
  hashdeep: '`hashdeep -r -c sha1 -m`',
  'cordon first, remembering': 'the first time, while remembering',
};

function of(took: Readonly<Record<string, number[]>>, name: string): number {
  return median(took[name] ?? []);
}

function beside(
  took: Readonly<Record<string, number[]>>,
  { missing }: SweepResult,
): (own: string, others: readonly string[]) => Pick<Row, 'baseline' | 'ratio'> {
  return (own, others) => ({
    baseline: others.map((name) => `${names[name]}: ${missing[name] ?? seconds(median(took[name] ?? []))}`).join('; '),
    ratio: others
      .filter((name) => missing[name] === undefined)
      .map((name) => compared(median(took[own] ?? []), median(took[name] ?? []), name))
      .join(', '),
  });
}

function compared(own: number, other: number, name: string): string {
  return own <= other ? `${times(other / own)} faster than ${name}` : `${times(own / other)} of ${name}`;
}

function seconds(milliseconds: number): string {
  return `${short(milliseconds / 1000)} s`;
}
