/** Claim: an agent's memory, idle and while it decides a hundred thousand openings. */
import type { MemoryPlan, MemoryResult, Memories, Memory } from './inside.ts';
import type { Claim, Row } from '../harness/claim.ts';
import { runInNamespaces, whyNoMeasurement } from '../harness/in-namespaces.ts';
import { buildAgent } from '../harness/built-agent.ts';
import { missingHere } from '../harness/missing-programs.ts';
import { short, times } from '../harness/numbers.ts';

const timeoutMs = 900_000;

export const agentMemory: Claim = {
  name: 'agent-memory',
  title: 'memory of an agent, 10,000 hashes listed',
  unable: whyNoMeasurement,
  measure: async (say) => {
    const missing = await missingHere('clamonacc', 'fapolicyd');
    say('compiling the agent');
    const built = await buildAgent();
    try {
      const sizes = { files: 4000, events: 100_000, listed: 9999, idleSeconds: 20 };
      const plan: MemoryPlan = { program: built.program, ...sizes, missing };
      const program = new URL('inside.ts', import.meta.url);
      return rowsOf(await runInNamespaces<MemoryResult>({ program, plan, timeoutMs, say }));
    } finally {
      built.remove();
    }
  },
};

const moments = [
  ['idle', 'idle'],
  ['busiest', 'at most during 100,000 openings, each asked about and read'],
  ['after', 'just after those'],
] as const;

function rowsOf({ agent, others, missing }: MemoryResult): Row[] {
  const gone = Object.entries(missing).map(([name, why]) => `${name} not here: ${why}`);
  return moments.map(([moment, words]) => {
    // systemd starts the services; there is no supervisor.
    const own = at(agent, moment).filter(([name]) => name !== 'supervisor');
    const them = at(others, moment);
    const [ours, clamav] = [
      sum(own, 'pss'),
      sum(
        them.filter(([name]) => name.startsWith('clam')),
        'pss',
      ),
    ];
    return {
      what: `${agentMemory.title}, ${words}: resident / proportional / private dirty`,
      measured: `all ${text(total(own))} (${own.map(([name, memory]) => `${name} ${text(memory)}`).join(', ')})`,
      baseline: [...them.map(([name, memory]) => `${name} ${text(memory)}`), ...gone].join(', '),
      ratio: clamav === 0 ? '' : `${times(ours / clamav)} of clamd and clamonacc (proportional)`,
      aim: 'none',
    };
  });
}

type Named = readonly [name: string, memory: Memory];

function at(memories: Memories, moment: 'idle' | 'busiest' | 'after'): Named[] {
  return Object.entries(memories).map(([name, one]) => [name, one[moment]]);
}

function total(all: readonly Named[]): Memory {
  return { rss: sum(all, 'rss'), pss: sum(all, 'pss'), dirty: sum(all, 'dirty') };
}

function sum(all: readonly Named[], field: keyof Memory): number {
  return all.reduce((sofar, [, memory]) => sofar + memory[field], 0);
}

function text({ rss, pss, dirty }: Memory): string {
  return `${[rss, pss, dirty].map((kilobytes) => short((kilobytes * 1024) / 1e6)).join(' / ')} MB`;
}
