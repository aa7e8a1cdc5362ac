/** Claim: the list of 100,000 agents is one answer that costs little memory and delays nobody. */
import { get as httpsGet } from 'node:https';
import { productAgentsPath } from '@cordon/protocol/automation';
import { makeToken, requestChecksum } from '@cordon/protocol/signing';
import { startServer } from '../../test/harness/server.ts';
import type { Claim, Row } from '../harness/claim.ts';
import { makeAgentsDatabase } from '../harness/agents-database.ts';
import { startBaseline } from '../harness/baseline.ts';
import { forgetPeak, memoryOf, watchStalls } from '../harness/process-metrics.ts';
import { median, megabytes, short, times } from '../harness/numbers.ts';

const agentCount = 100_000;
const rounds = 5;

interface Received {
  readonly firstByte: number;
  readonly total: number;
  readonly bytes: number;
}

interface Taken extends Received {
  readonly growth: number;
  readonly stall: number;
}

export const list: Claim = {
  name: 'list',
  title: `list of ${agentCount.toLocaleString('en-US')} agents in one answer`,
  measure: async (say) => {
    say(`writing ${agentCount} agents`);
    const database = await makeAgentsDatabase(agentCount);
    const watch = await watchStalls();
    const server = await startServer({ data: database.data, environment: watch.environment });
    const baselineServer = await startBaseline(database.data);
    try {
      const keys = await server.client(3600);
      const ask = async (): Promise<Received> => {
        const checksum = await requestChecksum({ method: 'GET', url: productAgentsPath });
        const token = await makeToken({ ...keys, issuedAt: Date.now() / 1000, checksum });
        return receive(`${server.url}${productAgentsPath}`, { authorization: `Bearer ${token}` });
      };
      const askBaseline = (): Promise<Received> => receive(`https://127.0.0.1:${baselineServer.https}/list`, {});
      const [ours, theirs]: [Taken[], Taken[]] = [[], []];
      for (let round = 1; round <= rounds; round += 1) {
        say(`round ${round} of ${rounds}`);
        ours.push(await taken(server.pid, watch.longestStall, ask));
        theirs.push(await taken(baselineServer.pid, baselineServer.longestStall, askBaseline));
      }
      return [rowOf(ours, theirs)];
    } finally {
      await baselineServer.close();
      await server.stop();
      await watch.close();
      await database.remove();
    }
  },
};

async function taken(pid: number, longestStall: () => Promise<number>, ask: () => Promise<Received>): Promise<Taken> {
  await longestStall();
  const { now } = memoryOf(pid);
  forgetPeak(pid);
  const received = await ask();
  return { ...received, growth: memoryOf(pid).peak - now, stall: await longestStall() };
}

/** Reads and counts, and keeps nothing. */
function receive(url: string, headers: Record<string, string>): Promise<Received> {
  const from = performance.now();
  let firstByte: number | undefined;
  let bytes = 0;
  return new Promise((resolve, reject) => {
    httpsGet(url, { headers, rejectUnauthorized: false, agent: false }, (incoming) => {
      if (incoming.statusCode !== 200) reject(new Error(`${url} answered ${incoming.statusCode}.`));
      incoming.on('data', (chunk: Buffer) => {
        firstByte ??= performance.now() - from;
        bytes += chunk.length;
      });
      incoming.on('end', () => resolve({ firstByte: firstByte ?? NaN, total: performance.now() - from, bytes }));
      incoming.on('error', reject);
    }).on('error', reject);
  });
}

function rowOf(ours: readonly Taken[], theirs: readonly Taken[]): Row {
  const [mine, baselineServer] = [middle(ours), middle(theirs)];
  const said = (one: Taken): string =>
    `${megabytes(one.bytes)} in ${short(one.total)} ms, first byte ${short(one.firstByte)} ms, longest stall ${short(one.stall)} ms, peak +${megabytes(one.growth)}`;
  return {
    what: `${list.title} (median of ${rounds})`,
    measured: said(mine),
    baseline: `one query and one JSON.stringify in a bare node:https server: ${said(baselineServer)}`,
    ratio: `${times(mine.total / baselineServer.total)} of the time, ${times(baselineServer.stall / mine.stall)} shorter stall`,
    aim: 'stall < 10 ms, peak < +150 MB',
  };
}

/** The median times, and the worst memory and stall. */
function middle(all: readonly Taken[]): Taken {
  return {
    bytes: all[0]?.bytes ?? 0,
    firstByte: median(all.map((one) => one.firstByte)),
    total: median(all.map((one) => one.total)),
    growth: Math.max(...all.map((one) => one.growth)),
    stall: Math.max(...all.map((one) => one.stall)),
  };
}
