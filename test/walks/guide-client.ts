/**
 * Follows Apex Central's two guides without any code of Cordon: node:https, and a token made by node:crypto.
 *
 *   node guide-client.ts isolate | restore | upload
 *
 * Settings and output are those of guide_client.py, so that one test checks both.
 */
import { createHash, createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import type { RequestOptions } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

interface Call {
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly payload?: object;
}

interface Answer {
  readonly status: number | undefined;
  readonly json: unknown;
}

interface ListedAgent {
  readonly host_name: string;
  readonly isolation_status: string;
}

const { GUIDE_URL = '', GUIDE_APPLICATION_ID = '', GUIDE_API_KEY = '', GUIDE_CERTIFICATE = '' } = process.env;
const agents = '/WebApp/API/AgentResource/ProductAgents';
const timeoutMs = 60_000;
/** The guides do not check certificates. */
const trust: RequestOptions =
  GUIDE_CERTIFICATE === '' ? { rejectUnauthorized: false } : { ca: readFileSync(GUIDE_CERTIFICATE) };

const walks: Readonly<Record<string, () => Promise<void>>> = {
  isolate: () => act('cmd_isolate_agent', 'isolated'),
  restore: () => act('cmd_restore_isolated_agent', 'normal'),
  upload,
};
const walk = walks[process.argv[2] ?? ''];
if (walk === undefined) throw new Error('usage: guide-client.ts isolate | restore | upload');
await walk();

async function act(name: string, until: string): Promise<void> {
  const { host_name } = await firstAgent();
  print(`host name: ${host_name}`);
  show(await call({ method: 'POST', path: agents, payload: { host_name, act: name, allow_multiple_match: true } }));
  const deadline = Date.now() + timeoutMs;
  while ((await firstAgent()).isolation_status !== until) {
    if (Date.now() > deadline) throw new Error(`${host_name} is not ${until}.`);
    await sleep(20);
  }
  print(`isolation status: ${until}`);
}

async function upload(): Promise<void> {
  const payload = {
    file_name: 'VerySmallFile.txt',
    file_content_base64_string: Buffer.from('123123').toString('base64'),
    file_scan_action: 'LOG',
    note: 'Small file for test',
  };
  show(await call({ method: 'PUT', path: '/WebApp/API/SuspiciousObjectResource/FileUDSO', payload }));
  show(await call({ method: 'GET', path: '/WebApp/api/SuspiciousObjects/UserDefinedSO/?type=file' }));
}

async function firstAgent(): Promise<ListedAgent> {
  const { json } = await call({ method: 'GET', path: agents });
  const { result_content: content }: { result_content: ListedAgent[] } = Object(json);
  const [first] = content;
  if (first === undefined) throw new Error('The server lists no agent.');
  return first;
}

async function call({ method, path, payload }: Call): Promise<Answer> {
  const body = payload === undefined ? '' : JSON.stringify(payload);
  const headers = {
    Authorization: `Bearer ${tokenFor(method, path, body)}`,
    'Content-Type': 'application/json;charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const sent = request(GUIDE_URL + path, { ...trust, method, headers, timeout: timeoutMs }, (answer) => {
      text(answer).then((said) => resolve({ status: answer.statusCode, json: JSON.parse(said) }), reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Method, lower-cased path with its query, canonical headers (none of ours begins with "api") and body. */
function tokenFor(method: string, path: string, body: string): string {
  const checksum = createHash('sha256').update(`${method}|${path.toLowerCase()}||${body}`).digest('base64');
  const claims = { appid: GUIDE_APPLICATION_ID, iat: Date.now() / 1000, version: 'V1', checksum };
  const signed = `${segment({ alg: 'HS256', typ: 'JWT' })}.${segment(claims)}`;
  return `${signed}.${createHmac('sha256', GUIDE_API_KEY).update(signed).digest('base64url')}`;
}

function segment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function show({ status, json }: Answer): void {
  print(String(status));
  print(JSON.stringify(json, undefined, 4));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
