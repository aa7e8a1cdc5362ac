/** Claim: a file of 300 MB is accepted without being held in memory, and no other request waits for it. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { fileObjectPath } from '@cordon/protocol/automation';
import { checksumPrefix, makeToken } from '@cordon/protocol/signing';
import { startServer } from '../../test/harness/server.ts';
import type { Claim } from '../harness/claim.ts';
import { startBaseline } from '../harness/baseline.ts';
import { forgetPeak, memoryOf, watchStalls } from '../harness/process-metrics.ts';
import { median, megabytes, short, times } from '../harness/numbers.ts';

const fileBytes = 300 * 2 ** 20;
const rounds = 3;

interface Taken {
  readonly milliseconds: number;
  readonly growth: number;
  readonly stall: number;
}

export const upload: Claim = {
  name: 'upload',
  title: 'FileUDSO upload of 300 MiB (400 MiB of JSON) over TLS',
  measure: async (say) => {
    const folder = await mkdtemp(join(tmpdir(), 'cordon-bench-'));
    const watch = await watchStalls();
    const server = await startServer({ environment: watch.environment });
    const baselineServer = await startBaseline(server.data);
    try {
      say('writing the body');
      const body = join(folder, 'body.json');
      const sha256 = await writeBody(body, { method: 'PUT', url: fileObjectPath });
      const keys = await server.client(3600);
      const send = async (): Promise<void> => {
        const token = await makeToken({ ...keys, issuedAt: Date.now() / 1000, checksum: sha256 });
        await put(`${server.url}${fileObjectPath}`, body, `Bearer ${token}`);
      };
      const hash = (): Promise<void> => put(`https://127.0.0.1:${baselineServer.https}/hash`, body, '');
      const [ours, theirs]: [Taken[], Taken[]] = [[], []];
      for (let round = 1; round <= rounds; round += 1) {
        say(`round ${round} of ${rounds}`);
        ours.push(await taken(server.pid, watch.longestStall, send));
        theirs.push(await taken(baselineServer.pid, baselineServer.longestStall, hash));
      }
      return [rowOf(ours, theirs)];
    } finally {
      await baselineServer.close();
      await server.stop();
      await watch.close();
      await rm(folder, { recursive: true });
    }
  },
};

/** Random rather than zeros, to be realistic. Returns the checksum of the request. */
async function writeBody(path: string, head: { method: string; url: string }): Promise<string> {
  const hash = createHash('sha256').update(checksumPrefix(head));
  await pipeline(
    function* () {
      yield Buffer.from('{"file_name":"sample.bin","file_content_base64_string":"');
      let state = 1;
      for (let left = fileBytes; left > 0; left -= 3 * 2 ** 18) {
        const bytes = Buffer.alloc(Math.min(left, 3 * 2 ** 18));
        for (let at = 0; at + 4 <= bytes.length; at += 4) {
          state = Math.imul(state, 1_664_525) + 1_013_904_223;
          bytes.writeInt32LE(state | 0, at);
        }
        yield Buffer.from(bytes.toString('base64'));
      }
      yield Buffer.from('","file_scan_action":"log","note":""}');
    },
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path),
  );
  return hash.digest('base64');
}

async function taken(pid: number, longestStall: () => Promise<number>, send: () => Promise<void>): Promise<Taken> {
  await longestStall();
  const { now } = memoryOf(pid);
  forgetPeak(pid);
  const from = performance.now();
  await send();
  const milliseconds = performance.now() - from;
  return { milliseconds, growth: memoryOf(pid).peak - now, stall: await longestStall() };
}

async function put(url: string, file: string, authorization: string): Promise<void> {
  const headers = { authorization, 'content-type': 'application/json', 'content-length': (await stat(file)).size };
  const outgoing = request(url, { method: 'PUT', headers, rejectUnauthorized: false, agent: false });
  const answer = new Promise<string>((resolve, reject) => {
    outgoing.on('response', (incoming) => {
      const body = text(incoming);
      if (incoming.statusCode === 200) body.then(resolve, reject);
      else body.then((message) => reject(new Error(`${url} answered ${incoming.statusCode}: ${message}`)), reject);
    });
    outgoing.on('error', reject);
  });
  // Not `pipeline`: it reports a failure if the server closes right after its answer.
  createReadStream(file, { highWaterMark: 2 ** 18 }).pipe(outgoing);
  await answer;
}

function rowOf(ours: readonly Taken[], theirs: readonly Taken[]): Awaited<ReturnType<Claim['measure']>>[number] {
  const [mine, baselineServer] = [middle(ours), middle(theirs)];
  const said = ({ milliseconds, growth, stall }: Taken): string =>
    `${short(milliseconds)} ms, peak +${megabytes(growth)}, longest stall ${short(stall)} ms`;
  return {
    what: `${upload.title} (median of ${rounds})`,
    measured: said(mine),
    baseline: `only hashing the raw body in a bare node:https server: ${said(baselineServer)}`,
    ratio: `${times(mine.milliseconds / baselineServer.milliseconds)} of the time`,
    aim: 'peak < +100 MB, stall < 20 ms',
  };
}

/** The median time, and the worst memory and stall. */
function middle(all: readonly Taken[]): Taken {
  return {
    milliseconds: median(all.map((one) => one.milliseconds)),
    growth: Math.max(...all.map((one) => one.growth)),
    stall: Math.max(...all.map((one) => one.stall)),
  };
}
