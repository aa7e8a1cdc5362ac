/** Claim: a signed GET of one agent of 100,000 costs little more than Node's own HTTP server. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { productAgentsPath } from '@cordon/protocol/automation';
import { makeToken, requestChecksum } from '@cordon/protocol/signing';
import { startServer } from '../../test/harness/server.ts';
import type { Claim, Row } from '../harness/claim.ts';
import { makeAgentsDatabase } from '../harness/agents-database.ts';
import { startBaseline } from '../harness/baseline.ts';
import { LoadGenerator } from '../harness/load.ts';
import type { Load, Measured } from '../harness/load.ts';
import { median, percent, short, spread, summaryOf } from '../harness/numbers.ts';

const agentCount = 100_000;
const signedCount = 4000;
const rounds = 3;
const seconds = 4;
const warmSeconds = 2;

/** One of the servers under load: `Load` without what they all share. */
interface Way {
  readonly name: string;
  readonly pid: number;
  readonly load: Load;
  readonly results: Measured[];
}

export const get: Claim = {
  name: 'get',
  title: `signed GET by host name, ${agentCount.toLocaleString('en-US')} agents`,
  measure: async (say) => {
    const folder = await mkdtemp(join(tmpdir(), 'cordon-bench-'));
    say(`writing ${agentCount} agents`);
    const database = await makeAgentsDatabase(agentCount);
    const server = await startServer({ data: database.data });
    const baselineServer = await startBaseline(database.data);
    const generator = new LoadGenerator();
    try {
      const { applicationId, apiKey } = await server.client(3600);
      const hosts = Array.from({ length: signedCount }, () => pick(database.agents).hostName);
      const files = await writeRequests(folder, hosts, { applicationId, apiKey });
      const port = Number(new URL(server.url).port);
      const ways = waysOf({ files, cordon: { pid: server.pid, port }, baselineServer });
      for (const { load, pid } of ways) await generator.run({ ...load, seconds: warmSeconds }, pid);
      for (let round = 1; round <= rounds; round += 1) {
        say(`round ${round} of ${rounds}`);
        for (const { load, pid, results } of ways) results.push(await generator.run({ ...load, seconds }, pid));
      }
      for (const one of ways) say(detail(one));
      return rowsOf(ways);
    } finally {
      generator.close();
      await baselineServer.close();
      await server.stop();
      await database.remove();
      await rm(folder, { recursive: true });
    }
  },
};

type Requests = Record<'signed' | 'signedOnce' | 'hello' | 'helloOnce', string>;

/** Signed in advance, so that the client's signing is not measured. */
async function writeRequests(
  folder: string,
  hosts: readonly string[],
  keys: { applicationId: string; apiKey: string },
): Promise<Requests> {
  const signed = await Promise.all(
    hosts.map(async (host) => {
      const url = `${productAgentsPath}?host_name=${host}`;
      const checksum = await requestChecksum({ method: 'GET', url });
      const token = await makeToken({ ...keys, issuedAt: Date.now() / 1000, checksum });
      return `GET ${url} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nAccept: */*\r\n`;
    }),
  );
  const hello = ['GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n'];
  const write = async (name: string, heads: readonly string[], more: string): Promise<string> => {
    const file = join(folder, `${name}.json`);
    await writeFile(file, JSON.stringify(heads.map((head) => `${head}${more}\r\n`)));
    return file;
  };
  const once = 'Connection: close\r\n';
  return {
    signed: await write('signed', signed, ''),
    signedOnce: await write('signed-once', signed, once),
    hello: await write('hello', hello, ''),
    helloOnce: await write('hello-once', hello, once),
  };
}

function waysOf(given: {
  files: Requests;
  cordon: { pid: number; port: number };
  baselineServer: { pid: number; http: number; https: number };
}): Way[] {
  const { files, cordon, baselineServer } = given;
  const kept = { fresh: false, connections: 64, seconds };
  const fresh = { fresh: true, connections: 16, seconds };
  return [
    way('bare http', baselineServer.pid, { ...kept, port: baselineServer.http, tls: false, requests: files.hello }),
    way('cordon', cordon.pid, { ...kept, port: cordon.port, tls: true, requests: files.signed }),
    way('bare https', baselineServer.pid, { ...kept, port: baselineServer.https, tls: true, requests: files.hello }),
    way('cordon, fresh', cordon.pid, { ...fresh, port: cordon.port, tls: true, requests: files.signedOnce }),
    way('bare https, fresh', baselineServer.pid, {
      ...fresh,
      port: baselineServer.https,
      tls: true,
      requests: files.helloOnce,
    }),
  ];
}

function way(name: string, pid: number, load: Load): Way {
  return { name, pid, load, results: [] };
}

function rowsOf(ways: readonly Way[]): Row[] {
  const of = (name: string): Totals => totals(ways.find((one) => one.name === name)?.results ?? []);
  const [http, https, cordon] = [of('bare http'), of('bare https'), of('cordon')];
  const [cordonFresh, httpsFresh] = [of('cordon, fresh'), of('bare https, fresh')];
  const what = get.title;
  return [
    {
      what: `${what}; TLS, 64 kept connections: requests/s`,
      measured: `${short(cordon.perSecond)}/s; ${cordon.spread}; ${short(cordon.micros)} µs of server CPU each`,
      baseline: `bare node:http hello ${short(http.perSecond)}/s, ${short(http.micros)} µs; bare node:https hello ${short(https.perSecond)}/s, ${short(https.micros)} µs`,
      ratio: `${percent(cordon.perSecond / http.perSecond)} of bare http, ${percent(cordon.perSecond / https.perSecond)} of bare https; by CPU ${percent(http.micros / cordon.micros)} and ${percent(https.micros / cordon.micros)}`,
      aim: '≥ 25 % of bare http; p99 ≤ 10 ms',
    },
    {
      what: `${what}; a new TLS connection each, 16 at a time: requests/s`,
      measured: `${short(cordonFresh.perSecond)}/s; ${cordonFresh.spread}; ${short(cordonFresh.micros)} µs of server CPU each`,
      baseline: `bare node:https hello ${short(httpsFresh.perSecond)}/s; ${short(httpsFresh.micros)} µs`,
      ratio: `${percent(cordonFresh.perSecond / httpsFresh.perSecond)} of bare https; by CPU ${percent(httpsFresh.micros / cordonFresh.micros)}`,
      aim: '≥ 2,000/s',
    },
  ];
}

interface Totals {
  readonly perSecond: number;
  readonly micros: number;
  readonly spread: string;
}

/** Medians of the rounds; latencies of all rounds together. */
function totals(results: readonly Measured[]): Totals {
  return {
    perSecond: median(results.map((one) => one.perSecond)),
    micros: median(results.map((one) => one.serverMicroseconds)),
    spread: spread(summaryOf(results.flatMap((one) => one.samples))),
  };
}

function detail(one: Way): string {
  const rates = one.results.map((result) => short(result.perSecond)).join(', ');
  const loads = one.results.map((result) => percent(result.clientLoad)).join(', ');
  return `${one.name}: ${rates} per second; client at ${loads} of a core`;
}

function pick<T>(items: readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error('Nothing to pick from.');
  return item;
}
