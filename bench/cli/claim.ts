/** Claim: the command line is as fast as the script that it replaces. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startServer } from '../../test/harness/server.ts';
import type { Claim, Row } from '../harness/claim.ts';
import { makeAgentsDatabase } from '../harness/agents-database.ts';
import { spread, summaryOf, times } from '../harness/numbers.ts';

const run = promisify(execFile);
const rounds = 30;
const few = 20;
const many = 10_000;
const python = '/usr/bin/python3';
const program = new URL('../../packages/cli/bin/cordon.mjs', import.meta.url).pathname;
const script = new URL('list.py', import.meta.url).pathname;

export const cli: Claim = {
  name: 'cli',
  title: '`cordon agents list`, wall time',
  measure: async (say) => {
    const hasPython = await run(python, ['-c', 'import requests, jwt']).then(
      () => true,
      () => false,
    );
    if (!hasPython)
      say('python3 with requests and jwt is missing (Debian: apt-get install python3-requests python3-jwt)');
    const rows: Row[] = [];
    for (const count of [few, many]) {
      say(`${rounds} rounds with ${count} agents`);
      rows.push(await measured(count, hasPython));
    }
    return rows;
  },
};

async function measured(count: number, hasPython: boolean): Promise<Row> {
  const database = await makeAgentsDatabase(count);
  const server = await startServer({ data: database.data });
  try {
    const { applicationId, apiKey } = await server.client();
    const env = {
      ...process.env,
      XDG_CONFIG_HOME: join(database.data, 'nobody'),
      CORDON_URL: server.url,
      CORDON_FINGERPRINT: server.fingerprint,
      CORDON_CA_FILE: join(database.data, 'tls.crt'),
      CORDON_APPLICATION_ID: applicationId,
      CORDON_API_KEY: apiKey,
    };
    const options = { env, maxBuffer: 2 ** 26 };
    const [ours, theirs, baselineServer]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round <= rounds; round += 1) {
      const mine = await timed(() => run(process.execPath, [program, 'agents', 'list'], options));
      const other = hasPython ? await timed(() => run(python, [script], options)) : NaN;
      const node = await timed(() => run(process.execPath, ['-e', '0'], options));
      // The first round fills the caches of both.
      if (round === 0) continue;
      ours.push(mine);
      theirs.push(other);
      baselineServer.push(node);
    }
    return rowOf(count, { ours, theirs: hasPython ? theirs : [], baselineServer });
  } finally {
    await server.stop();
    await database.remove();
  }
}

function rowOf(count: number, samples: { ours: number[]; theirs: number[]; baselineServer: number[] }): Row {
  const [ours, theirs, baselineServer] = [
    summaryOf(samples.ours),
    summaryOf(samples.theirs),
    summaryOf(samples.baselineServer),
  ];
  const none = theirs.count === 0;
  return {
    what: `${cli.title}, ${count.toLocaleString('en-US')} agents (n ${ours.count}): p50 / p99 / max`,
    measured: spread(ours),
    baseline: none
      ? 'python3 with requests and jwt is not installed'
      : `the guide's Python script, requests and jwt: ${spread(theirs)} (an empty Node program: ${spread(baselineServer)})`,
    ratio: none ? '' : `p50 ${times(ours.p50 / theirs.p50)} of the script's`,
    aim: 'none',
  };
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await act();
  return performance.now() - from;
}
