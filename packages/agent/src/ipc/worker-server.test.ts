/** The connection between the enforcer and its workers: over a real socket, through losses and nonsense. */
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WorkerClient } from './worker-client.ts';
import type { WorkerName } from './worker-client.ts';
import type { Match, FromScanner, FromOnAccess, ToScanner, ToOnAccess } from './worker-messages.ts';
import { processName } from '../kernel/process-name.ts';
import { WorkerServer } from './worker-server.ts';

const silent = (): void => undefined;
let folder: string;
let path: string;
const closers: (() => void)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-workers-'));
  path = join(folder, 'run', 'workers.sock');
});

afterEach(() => {
  for (const close of closers.splice(0)) close();
  rmSync(folder, { recursive: true, force: true });
});

interface Received {
  readonly server: WorkerServer;
  readonly opened: { worker: WorkerName; pid: number; revision: number }[];
  readonly onAccess: FromOnAccess[];
  readonly scanner: FromScanner[];
  readonly closed: WorkerName[];
  readonly complaints: string[];
}

async function openServer(): Promise<Received> {
  const got: Omit<Received, 'server'> = { opened: [], onAccess: [], scanner: [], closed: [], complaints: [] };
  const server = new WorkerServer({
    path,
    opened: (worker, { process: { pid }, revision }) => got.opened.push({ worker, pid, revision }),
    received: { 'on-access': (message) => got.onAccess.push(message), scanner: (message) => got.scanner.push(message) },
    closed: (worker) => got.closed.push(worker),
    misbehaved: (message) => got.complaints.push(message),
  });
  await server.open();
  closers.push(() => server.close());
  return { server, ...got };
}

function clientOf<W extends WorkerName>(
  worker: W,
  revision = 0,
): { client: WorkerClient<W>; got: (ToOnAccess | ToScanner)[] } {
  const got: (ToOnAccess | ToScanner)[] = [];
  const client = new WorkerClient({
    worker,
    path,
    revision: () => revision,
    received: (message) => got.push(message),
    log: silent,
  });
  closers.push(() => client.close());
  client.open();
  return { client, got };
}

function match(remark: string): Match {
  return {
    at: 1,
    detectedBy: 'open',
    object: { type: 'file_sha1', content: 'A'.repeat(40) },
    action: 'blocked',
    remark,
    count: 1,
    file: null,
    process: null,
    user: null,
    remote: null,
  };
}

const said = (messages: readonly (FromOnAccess | FromScanner)[]): string[] =>
  messages.flatMap((message) => (message.type === 'match' ? [message.match.remark ?? ''] : []));

test('a worker says which it is, and messages go both ways; only the owner can open the socket', async () => {
  const got = await openServer();
  const watch = clientOf('on-access', 7);
  const files = clientOf('scanner');
  await vi.waitFor(() => expect(got.opened).toHaveLength(2));
  expect(got.opened).toContainEqual({ worker: 'on-access', pid: process.pid, revision: 7 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(got.server.send('on-access', { type: 'trusted', processes: [] })).toBe(true);
  expect(got.server.send('scanner', { type: 'cancel', task: 'one' })).toBe(true);
  files.client.send({ type: 'protected-files', package: 'AAAA', always: '' });
  await vi.waitFor(() => {
    expect(watch.got).toEqual([{ type: 'trusted', processes: [] }]);
    expect(files.got).toEqual([{ type: 'cancel', task: 'one' }]);
    expect(got.scanner).toEqual([{ type: 'protected-files', package: 'AAAA', always: '' }]);
  });
});

test('what is sent before the enforcer runs is kept: matches in order, and the newest state', async () => {
  const watch = clientOf('on-access');
  watch.client.send({ type: 'state', state: 'starting', filesystems: [], message: null });
  watch.client.send(matchOf('one'));
  watch.client.send({ type: 'state', state: 'on', filesystems: ['/'], message: null });
  watch.client.send(matchOf('two'));
  const got = await openServer();
  await vi.waitFor(() => expect(said(got.onAccess)).toEqual(['one', 'two']));
  expect(got.onAccess.filter((message) => message.type === 'state')).toEqual([
    { type: 'state', state: 'on', filesystems: ['/'], message: null },
  ]);
});

test('a match is sent again on each connection until it is acknowledged', async () => {
  const first = await openServer();
  const watch = clientOf('on-access');
  watch.client.send(matchOf('one'));
  watch.client.send(matchOf('two'));
  await vi.waitFor(() => expect(said(first.onAccess)).toEqual(['one', 'two']));
  first.server.acknowledge('on-access', 1);
  // Once an answer to something later has come, the acknowledgement has come as well.
  first.server.send('on-access', { type: 'trusted', processes: [] });
  await vi.waitFor(() => expect(watch.got).toHaveLength(1));
  first.server.close();
  const second = await openServer();
  await vi.waitFor(() => expect(said(second.onAccess)).toEqual(['two']));
  expect(first.closed).toEqual(['on-access']);
});

test('more matches than can be kept: the oldest are dropped, and the next ones say so', async () => {
  const watch = clientOf('on-access');
  for (let index = 1; index <= 5003; index += 1) watch.client.send(matchOf(String(index)));
  const got = await openServer();
  await vi.waitFor(() => expect(said(got.onAccess)).toHaveLength(5000), 10_000);
  expect(said(got.onAccess)[0]).toBe('4');
  got.server.acknowledge('on-access', 5003);
  got.server.send('on-access', { type: 'trusted', processes: [] });
  await vi.waitFor(() => expect(watch.got).toHaveLength(1));
  watch.client.send(matchOf('last'));
  await vi.waitFor(() => expect(said(got.onAccess).at(-1)).toMatch(/^3 earlier detections were dropped here.* last$/));
});

test('a new process of a worker replaces the old one', async () => {
  const got = await openServer();
  const { socket: old } = await visitor(hello('on-access'));
  await vi.waitFor(() => expect(got.opened).toHaveLength(1));
  const ended = once(old, 'close');
  clientOf('on-access');
  await ended;
  expect(got.closed).toEqual(['on-access']);
  await vi.waitFor(() => expect(got.opened).toHaveLength(2));
  expect(got.server.has('on-access')).toBe(true);
});

test.each([
  ['nonsense at first', ['nonsense'], /did not say which worker it is/],
  ['another message than a hello at first', [JSON.stringify(matchOf('x'))], /did not say which worker it is/],
  ['nonsense after the hello', [hello('on-access'), '{"type":"nothing"}'], /no known message came from on-access/],
  [
    'a message of the other worker',
    [hello('on-access'), '{"type":"protected-files","package":"","always":""}'],
    /came from on-access/,
  ],
  ['a hello of the other worker', [hello('scanner'), hello('on-access')], /came from scanner/],
])('%s: turned away, and logged', async (_what, lines, message) => {
  const got = await openServer();
  const { ended } = await visitor(lines.join('\n'));
  await ended;
  expect(got.complaints).toEqual([expect.stringMatching(message)]);
});

test('a worker with other rules says hello again, and stays connected', async () => {
  const got = await openServer();
  const { socket } = await visitor(`${hello('on-access')}\n${hello('on-access')}`);
  await vi.waitFor(() => expect(got.opened.map(({ worker }) => worker)).toEqual(['on-access', 'on-access']));
  expect([socket.destroyed, got.closed, got.complaints]).toEqual([false, [], []]);
});

test('a process is named by its number and its start; one that is not there has no name', () => {
  const name = processName(process.pid);
  expect(name?.pid).toBe(process.pid);
  expect(name?.startedAt).toBeGreaterThan(0);
  expect(processName(4_194_305)).toBeUndefined();
});

function matchOf(remark: string): { type: 'match'; match: Match } {
  return { type: 'match', match: match(remark) };
}

function hello(worker: WorkerName): string {
  return JSON.stringify({ type: 'hello', worker, process: { pid: 1, startedAt: 1 }, revision: 0 });
}

async function visitor(text: string): Promise<{ socket: ReturnType<typeof connect>; ended: Promise<unknown> }> {
  const socket = connect(path);
  closers.push(() => socket.destroy());
  await once(socket, 'connect');
  const ended = once(socket, 'close');
  socket.resume();
  socket.write(`${text}\n`);
  return { socket, ended };
}
