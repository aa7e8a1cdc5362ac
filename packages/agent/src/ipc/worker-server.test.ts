/** The line between the enforcer and the parts that handle files: over a real socket, through losses and nonsense. */
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WorkerClient } from './worker-client.ts';
import type { WorkerName } from './worker-client.ts';
import type { Finding, FromScanner, FromOnAccess, ToScanner, ToOnAccess } from './worker-messages.ts';
import { processName } from './process-name.ts';
import { WorkerServer } from './worker-server.ts';

const silent = (): void => undefined;
let folder: string;
let path: string;
const closers: (() => void)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-parts-'));
  path = join(folder, 'run', 'parts.sock');
});

afterEach(() => {
  for (const close of closers.splice(0)) close();
  rmSync(folder, { recursive: true, force: true });
});

interface Heard {
  readonly door: WorkerServer;
  readonly opened: { part: WorkerName; pid: number; revision: number }[];
  readonly watch: FromOnAccess[];
  readonly files: FromScanner[];
  readonly closed: WorkerName[];
  readonly complaints: string[];
}

async function openDoor(): Promise<Heard> {
  const heard: Omit<Heard, 'door'> = { opened: [], watch: [], files: [], closed: [], complaints: [] };
  const door = new WorkerServer({
    path,
    opened: (part, { process: { pid }, revision }) => heard.opened.push({ part, pid, revision }),
    received: { 'on-access': (message) => heard.watch.push(message), scanner: (message) => heard.files.push(message) },
    closed: (part) => heard.closed.push(part),
    misbehaved: (message) => heard.complaints.push(message),
  });
  await door.open();
  closers.push(() => door.close());
  return { door, ...heard };
}

function partOf<P extends WorkerName>(
  part: P,
  revision = 0,
): { part: WorkerClient<P>; got: (ToOnAccess | ToScanner)[] } {
  const got: (ToOnAccess | ToScanner)[] = [];
  const made = new WorkerClient({
    part,
    path,
    revision: () => revision,
    received: (message) => got.push(message),
    log: silent,
  });
  closers.push(() => made.close());
  made.open();
  return { part: made, got };
}

function finding(remark: string): Finding {
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
  messages.flatMap((message) => (message.type === 'detection' ? [message.detection.remark ?? ''] : []));

test('a part says which it is, and messages go both ways; nobody but the owner can open the socket', async () => {
  const heard = await openDoor();
  const watch = partOf('on-access', 7);
  const files = partOf('scanner');
  await vi.waitFor(() => expect(heard.opened).toHaveLength(2));
  expect(heard.opened).toContainEqual({ part: 'on-access', pid: process.pid, revision: 7 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(heard.door.tell('on-access', { type: 'trusted', processes: [] })).toBe(true);
  expect(heard.door.tell('scanner', { type: 'cancel', task: 'one' })).toBe(true);
  files.part.tell({ type: 'shield', package: 'AAAA', always: '' });
  await vi.waitFor(() => {
    expect(watch.got).toEqual([{ type: 'trusted', processes: [] }]);
    expect(files.got).toEqual([{ type: 'cancel', task: 'one' }]);
    expect(heard.files).toEqual([{ type: 'shield', package: 'AAAA', always: '' }]);
  });
});

test('what is told before the enforcer is there is kept: detections in their order, of a state the newest', async () => {
  const watch = partOf('on-access');
  watch.part.tell({ type: 'state', state: 'starting', filesystems: [], message: null });
  watch.part.tell(detectionOf('one'));
  watch.part.tell({ type: 'state', state: 'on', filesystems: ['/'], message: null });
  watch.part.tell(detectionOf('two'));
  const heard = await openDoor();
  await vi.waitFor(() => expect(said(heard.watch)).toEqual(['one', 'two']));
  expect(heard.watch.filter((message) => message.type === 'state')).toEqual([
    { type: 'state', state: 'on', filesystems: ['/'], message: null },
  ]);
});

test('a detection is said again on each connection until it is kept', async () => {
  const first = await openDoor();
  const watch = partOf('on-access');
  watch.part.tell(detectionOf('one'));
  watch.part.tell(detectionOf('two'));
  await vi.waitFor(() => expect(said(first.watch)).toEqual(['one', 'two']));
  first.door.kept('on-access', 1);
  // Once an answer to something later has come, `kept` has come as well.
  first.door.tell('on-access', { type: 'trusted', processes: [] });
  await vi.waitFor(() => expect(watch.got).toHaveLength(1));
  first.door.close();
  const second = await openDoor();
  await vi.waitFor(() => expect(said(second.watch)).toEqual(['two']));
  expect(first.closed).toEqual(['on-access']);
});

test('more detections than can be kept: the oldest go, and the next ones tell of it', async () => {
  const watch = partOf('on-access');
  for (let index = 1; index <= 5003; index += 1) watch.part.tell(detectionOf(String(index)));
  const heard = await openDoor();
  await vi.waitFor(() => expect(said(heard.watch)).toHaveLength(5000), 10_000);
  expect(said(heard.watch)[0]).toBe('4');
  heard.door.kept('on-access', 5003);
  heard.door.tell('on-access', { type: 'trusted', processes: [] });
  await vi.waitFor(() => expect(watch.got).toHaveLength(1));
  watch.part.tell(detectionOf('last'));
  await vi.waitFor(() => expect(said(heard.watch).at(-1)).toMatch(/^3 earlier detections were dropped here.* last$/));
});

test('a new process of a part takes the place of the old one', async () => {
  const heard = await openDoor();
  const { socket: old } = await visitor(hello('on-access'));
  await vi.waitFor(() => expect(heard.opened).toHaveLength(1));
  const ended = once(old, 'close');
  partOf('on-access');
  await ended;
  expect(heard.closed).toEqual(['on-access']);
  await vi.waitFor(() => expect(heard.opened).toHaveLength(2));
  expect(heard.door.has('on-access')).toBe(true);
});

test.each([
  ['nonsense at first', ['nonsense'], /did not say which part/],
  ['another message than a hello at first', [JSON.stringify(detectionOf('x'))], /did not say which part/],
  ['nonsense after the hello', [hello('on-access'), '{"type":"nothing"}'], /no known message came from watch/],
  [
    'a message of the other part',
    [hello('on-access'), '{"type":"shield","package":"","always":""}'],
    /came from watch/,
  ],
  ['a hello of the other part', [hello('scanner'), hello('on-access')], /came from files/],
])('%s: shown out, and logged', async (_what, lines, message) => {
  const heard = await openDoor();
  const { ended } = await visitor(lines.join('\n'));
  await ended;
  expect(heard.complaints).toEqual([expect.stringMatching(message)]);
});

test('a part that has lost its place says hello again, and stays', async () => {
  const heard = await openDoor();
  const { socket } = await visitor(`${hello('on-access')}\n${hello('on-access')}`);
  await vi.waitFor(() => expect(heard.opened.map(({ part }) => part)).toEqual(['on-access', 'on-access']));
  expect([socket.destroyed, heard.closed, heard.complaints]).toEqual([false, [], []]);
});

test('a process is named by its number and its start; one that is not there has no name', () => {
  const name = processName(process.pid);
  expect(name?.pid).toBe(process.pid);
  expect(name?.startedAt).toBeGreaterThan(0);
  expect(processName(4_194_305)).toBeUndefined();
});

function detectionOf(remark: string): { type: 'detection'; detection: Finding } {
  return { type: 'detection', detection: finding(remark) };
}

function hello(part: WorkerName): string {
  return JSON.stringify({ type: 'hello', part, process: { pid: 1, startedAt: 1 }, revision: 0 });
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
