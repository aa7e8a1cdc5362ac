/**
 * The client of the load measurements, as a separate process.
 *
 * Sends prepared requests on many connections, and times the answers. It only looks for the end of each answer, so that
 * the server is what is measured.
 */
import { readFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import type { Load, Outcome } from './load.ts';

const context = createSecureContext({ minVersion: 'TLSv1.3', ecdhCurve: 'X25519' });
const headEnd = '\r\n\r\n';

process.on('disconnect', () => process.exit(0));
process.on('message', (load: Load) => void run(load).then((outcome) => process.send?.(outcome)));

async function run(load: Load): Promise<Outcome> {
  const requests: string[] = JSON.parse(readFileSync(load.requests, 'utf8'));
  const bytes = requests.map((request) => Buffer.from(request));
  const samples: number[] = [];
  const processor = process.cpuUsage();
  const start = performance.now();
  const end = start + load.seconds * 1000;
  let next = Math.floor(Math.random() * bytes.length);
  let wrong = 0;
  const one = (): Buffer => bytes[(next += 1) % bytes.length] ?? Buffer.alloc(0);
  const done = (from: number, status: string): void => {
    samples.push(performance.now() - from);
    if (status !== '200') wrong += 1;
  };
  const user = load.fresh ? freshUser : keepAliveUser;
  await Promise.all(Array.from({ length: load.connections }, () => user(load, { one, done, end })));
  const seconds = (performance.now() - start) / 1000;
  const { user: own, system } = process.cpuUsage(processor);
  return { seconds, samples, wrong, clientSeconds: (own + system) / 1e6 };
}

interface Work {
  readonly one: () => Buffer;
  readonly done: (from: number, status: string) => void;
  readonly end: number;
}

/** Sends the next request on the same connection as soon as the answer has arrived. */
function keepAliveUser(load: Load, work: Work): Promise<void> {
  return new Promise((resolve, reject) => {
    let from = 0;
    const answered = answers((status) => {
      work.done(from, status);
      if (performance.now() >= work.end) {
        socket.end();
        return resolve();
      }
      from = performance.now();
      socket.write(work.one());
    });
    const socket = open(load, () => {
      from = performance.now();
      socket.write(work.one());
    });
    socket.on('data', answered);
    socket.on('error', reject);
    socket.on('close', resolve);
  });
}

/** One connection per request; the handshake counts. */
async function freshUser(load: Load, work: Work): Promise<void> {
  while (performance.now() < work.end) {
    const from = performance.now();
    const status = await new Promise<string>((resolve, reject) => {
      const socket = open(load, () => socket.write(work.one()));
      socket.on('data', answers(resolve));
      socket.on('error', reject);
      socket.on('end', () => socket.end());
    });
    work.done(from, status);
  }
}

function open({ port, tls }: Load, opened: () => void): Socket {
  const socket = tls
    ? connectTls({ host: '127.0.0.1', port, secureContext: context, rejectUnauthorized: false }, opened)
    : connectPlain({ host: '127.0.0.1', port }, opened);
  socket.setNoDelay(true);
  return socket;
}

/** Calls `answered` with the status of each answer once its last byte has arrived. */
function answers(answered: (status: string) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    rest += chunk.toString('latin1');
    const head = rest.indexOf(headEnd);
    if (head < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(rest)?.[1]);
    if (!(rest.length >= head + headEnd.length + length)) return;
    const status = rest.slice(9, 12);
    rest = '';
    answered(status);
  };
}
