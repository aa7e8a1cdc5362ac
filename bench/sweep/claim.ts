/** Claim: a sweep is faster than the usual programs, and costs little more than reading names where sizes are known. */
import type { Claim, Row } from '../harness/claim.ts';
import { runInNamespaces, whyNoMeasurement } from '../harness/in-namespaces.ts';
import { missingHere } from '../harness/missing-programs.ts';
import { median, megabytes, short, times } from '../harness/numbers.ts';
import { dirname } from 'node:path';
import { buildAgent } from '../harness/built-agent.ts';
import type { SweepPlan, SweepResult, Took } from './inside.ts';

const timeoutMs = 1_500_000;
const files = 100_000;

export const sweepTree: Claim = {
  name: 'sweep',
  title: `sweep of ${files.toLocaleString('en-US')} files`,
  unable: () => whyNoMeasurement('mkfs.ext4'),
  measure: async (say) => {
    const missing = await missingHere('hashdeep', 'clamscan');
    say('compiling the agent');
    const built = await buildAgent();
    try {
      const agent = dirname(dirname(built.program));
      const plan: SweepPlan = { files, listed: 20_004, rounds: 7, coldRounds: 3, agent, missing };
      const program = new URL('inside.ts', import.meta.url);
      return rowsOf(await runInNamespaces<SweepResult>({ program, plan, timeoutMs, say }));
    } finally {
      built.remove();
    }
  },
};

function rowsOf(result: SweepResult): Row[] {
  const { bytes, partFiles } = result;
  const tree = `${sweepTree.title}, ${megabytes(bytes)}`;
  const warm: Timed = { took: result.warm, cpu: result.warmCpu };
  const itself: Timed = { took: result.itself, cpu: result.itselfCpu };
  const cold: Timed = { took: result.cold, cpu: undefined };
  const [besideWarm, besideCold] = [beside(warm, result), beside(cold, result)];
  const alone = (name: string): string => `${seconds(warm, name)}; without starting Node ${seconds(itself, name)}`;
  return [
    {
      what: `${tree}, warm, n ${warm.took['cordon']?.length ?? 0}: fastest (median)`,
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
      baseline: `${names['lstat']}: ${alone('lstat')}`,
      ratio: `${compared(warm, 'cordon sized', 'lstat')}; without starting Node ${compared(itself, 'cordon sized', 'lstat')}`,
      aim: '< 1.3× of the bare walk',
    },
    {
      what: `${tree}, warm, a second time, nothing changed`,
      measured: alone('cordon again'),
      ...besideWarm('cordon again', ['lstat', 'cordon first, remembering']),
      aim: 'none',
    },
    {
      what: `${tree}, cold, n ${cold.took['cordon']?.length ?? 0}`,
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

interface Timed {
  readonly took: Took;
  /** Undefined where runs wait for a disk. */
  readonly cpu: Took | undefined;
}

const names: Readonly<Record<string, string>> = {
  lstat: 'bare walk with lstat, one thread of Node',
  sha1sum: '`find`, `xargs -P2 sha1sum`, `grep -Ff`',
  hashdeep: '`hashdeep -r -c sha1 -m`',
  clamscan: '`clamscan` with an .hsb and no parsers',
  'cordon first, remembering': 'the first time, while remembering',
};

function beside(
  timed: Timed,
  { missing }: SweepResult,
): (own: string, others: readonly string[]) => Pick<Row, 'baseline' | 'ratio'> {
  return (own, others) => ({
    baseline: others.map((name) => `${names[name]}: ${missing[name] ?? seconds(timed, name)}`).join('; '),
    ratio: others
      .filter((name) => missing[name] === undefined)
      .map((name) => compared(timed, own, name))
      .join(', '),
  });
}

function compared({ took, cpu }: Timed, one: string, name: string): string {
  const [own, other] = [fastest(took, one), fastest(took, name)];
  const time = own <= other ? `${times(other / own)} faster than ${name}` : `${times(own / other)} of ${name}`;
  return cpu ? `${time} (CPU ${times(fastest(cpu, one) / fastest(cpu, name))})` : time;
}

/** The figure that other programs on the machine affect least. */
function fastest(took: Took, name: string): number {
  return Math.min(...(took[name] ?? [NaN]));
}

function seconds({ took, cpu }: Timed, name: string): string {
  const time = `${short(fastest(took, name) / 1000)} (${short(median(took[name] ?? []) / 1000)}) s`;
  return cpu ? `${time}, CPU ${short(fastest(cpu, name) / 1000)} s` : time;
}
