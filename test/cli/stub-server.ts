/**
 * A strict stand-in for a server, over real TLS: it verifies every signature with jose and node:crypto instead of
 * Cordon's own code, answers in the recorded shapes of the contract, and keeps what it was asked.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { compactVerify } from 'jose';
import { selfSigned } from './certificates.ts';
import { answerConsole } from './stub-console.ts';
import { agents, objects, servers } from './stub-data.ts';
import type { StubAgent, StubObject } from './stub-data.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly contentType: string | undefined;
  readonly body: string;
}

export interface StubAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Record<string, string>;
}

export interface Stub {
  readonly url: string;
  readonly fingerprint: string;
  readonly certificate: string;
  readonly applicationId: string;
  readonly apiKey: string;
  readonly seen: SeenRequest[];
  readonly agents: StubAgent[];
  readonly objects: StubObject[];
  /** The number of connections opened. */
  connections: number;
  /** How many polls of the list a pending state lasts. */
  looksPending: number;
  /** Answers the next requests, in order, instead of the stub; requests are verified first. */
  readonly answers: StubAnswer[];
  /** Answers before reading the body. */
  refuseEarly: StubAnswer | undefined;
  dropConnections(): void;
  close(): Promise<void>;
}

export async function startStub(): Promise<Stub> {
  const tls = selfSigned(Date.now());
  const server = createServer({ cert: tls.certificate, key: tls.key });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<Duplex>();
  const stub: Stub = {
    url: `https://127.0.0.1:${addressOf(server).port}`,
    fingerprint: tls.fingerprint,
    certificate: tls.certificate,
    applicationId: '11111111-2222-3333-4444-555555555555',
    apiKey: 'AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE',
    seen: [],
    agents: agents(),
    objects: objects(),
    connections: 0,
    looksPending: 2,
    answers: [],
    refuseEarly: undefined,
    dropConnections: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      stub.dropConnections();
      await closed;
    },
  };
  server.on('connection', (socket) => sockets.add(socket));
  server.on('secureConnection', () => (stub.connections += 1));
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    respond(stub, request).then(
      ({ status, body, headers }) =>
        response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  return stub;
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The stub has no port.');
  return address;
}

async function respond(stub: Stub, request: IncomingMessage): Promise<StubAnswer> {
  if (stub.refuseEarly !== undefined) return stub.refuseEarly;
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (chunk instanceof Buffer) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const seen = {
    method: request.method ?? '',
    url: request.url ?? '',
    contentType: request.headers['content-type'],
    body: body.toString('utf8'),
  };
  stub.seen.push(seen);
  const planned = stub.answers.shift();
  if (seen.url.startsWith('/api/v1/')) return planned ?? answerConsole(seen, request.headers.authorization);
  return (await refusal(stub, request, body)) ?? planned ?? answer(stub, seen);
}

/** Verifies as the contract says, with code other than the product's. */
async function refusal(stub: Stub, request: IncomingMessage, body: Buffer): Promise<StubAnswer | undefined> {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return refused(401, -2, 'No token.');
  const verified = await compactVerify(token, Buffer.from(stub.apiKey)).catch(() => undefined);
  if (verified === undefined) return refused(401, -7, 'The token signature is not valid.');
  const claims: unknown = JSON.parse(Buffer.from(verified.payload).toString());
  const head = `${request.method}|${request.url?.toLowerCase()}||`;
  const checksum = createHash('sha256').update(head).update(body).digest('base64');
  if (!hasFields(claims)) return refused(401, -3, 'The token is malformed.');
  if (claims.appid !== stub.applicationId) return refused(401, -5, 'The application ID is not valid.');
  if (claims.version !== 'V1' || Math.abs(Date.now() / 1000 - claims.iat) > 30) return refused(401, -6, 'Expired.');
  return claims.checksum === checksum ? undefined : refused(401, -8, 'The request checksum is not valid.');
}

function hasFields(value: unknown): value is { appid: string; iat: number; version: string; checksum: string } {
  return typeof value === 'object' && value !== null && 'iat' in value && typeof value.iat === 'number';
}

export function refused(status: number, code: number, message: string): StubAnswer {
  return {
    status,
    body: JSON.stringify({ result_code: code, result_description: message, result_content: '' }),
  };
}

export function result(content: unknown): StubAnswer {
  const body = { result_code: 1, result_description: 'Operation successful', result_content: content };
  return { status: 200, body: JSON.stringify(body) };
}

export function meta(data: unknown): StubAnswer {
  const body = {
    Data: data,
    Meta: { Result: 1, ErrorCode: 0, ErrorMsg: '' },
    PermissionCtrl: { permission: '255', elements: null },
    FeatureCtrl: { mode: '0' },
    SystemCtrl: { TmcmSoDist_Role: 'none' },
  };
  return { status: 200, body: JSON.stringify(body) };
}

function answer(stub: Stub, seen: SeenRequest): StubAnswer {
  const url = new URL(seen.url, stub.url);
  switch (`${seen.method} ${url.pathname}`) {
    case 'GET /WebApp/API/AgentResource/ProductAgents':
      return listAgents(stub, url.searchParams);
    case 'POST /WebApp/API/AgentResource/ProductAgents':
      return actOnAgents(stub, fieldsOf(JSON.parse(seen.body)));
    case 'GET /WebApp/API/ServerResource/ProductServers':
      return result(servers());
    case 'GET /WebApp/api/SuspiciousObjects/UserDefinedSO/':
      return listObjects(stub, url.searchParams);
    case 'PUT /WebApp/api/SuspiciousObjects/UserDefinedSO/':
      return addObject(stub, fieldsOf(fieldsOf(JSON.parse(seen.body))['param']));
    case 'DELETE /WebApp/api/SuspiciousObjects/UserDefinedSO/':
      return removeObject(stub, url.searchParams);
    case 'PUT /WebApp/API/SuspiciousObjectResource/FileUDSO':
      return addFile(stub, fieldsOf(JSON.parse(seen.body)));
    default:
      return { status: 404, body: '<html>Not found</html>', headers: { 'Content-Type': 'text/html' } };
  }
}

function listAgents(stub: Stub, query: URLSearchParams): StubAnswer {
  const matching = stub.agents.filter((agent) => fits(agent, (name) => query.get(name)));
  const shown = matching.map(onTheWire);
  for (const agent of matching) step(stub, agent);
  return result(shown);
}

function onTheWire(agent: StubAgent): unknown {
  const shown = { ...agent };
  delete shown.pending;
  return shown;
}

/** A pending agent arrives after a number of polls; an uninstalled one then disappears. */
function step(stub: Stub, agent: StubAgent): void {
  if (agent.pending === undefined) return;
  agent.pending.looks -= 1;
  if (agent.pending.looks > 0) return;
  if (agent.pending.goal === 'removed') stub.agents.splice(stub.agents.indexOf(agent), 1);
  else agent.isolation_status = agent.pending.goal;
  delete agent.pending;
}

function fits(agent: StubAgent, desired: (name: string) => unknown): boolean {
  const same = (name: string, values: string[]): boolean => {
    const value = desired(name);
    return (
      typeof value !== 'string' || value === '' || values.some((item) => item.toLowerCase() === value.toLowerCase())
    );
  };
  return (
    same('entity_id', [agent.entity_id]) &&
    same('host_name', [agent.host_name]) &&
    same('ip_address', agent.ip_address_list.split(',')) &&
    same('mac_address', agent.mac_address_list.split(',')) &&
    same('product', [agent.product]) &&
    same('managing_server_id', [agent.managing_server_id])
  );
}

const pendingStates: Record<string, string> = {
  cmd_isolate_agent: 'endpoint_isolation_pending',
  cmd_restore_isolated_agent: 'connection_restoration_pending',
};
const goals: Record<string, string> = {
  cmd_isolate_agent: 'isolated',
  cmd_restore_isolated_agent: 'normal',
  cmd_uninstall_agent: 'removed',
};

function actOnAgents(stub: Stub, body: Record<string, unknown>): StubAnswer {
  const act = String(body['act']);
  const matching = stub.agents.filter((agent) => fits(agent, (name) => body[name]));
  if (matching.length > 1 && body['allow_multiple_match'] !== true) return refused(400, -102, 'Several agents match.');
  const able = matching.filter((agent) => agent.capabilities.includes(act));
  const before = result(able.map(onTheWire));
  for (const agent of able) {
    agent.isolation_status = pendingStates[act] ?? agent.isolation_status;
    const goal = goals[act];
    if (goal !== undefined) agent.pending = { goal, looks: stub.looksPending };
  }
  return before;
}

function listObjects(stub: Stub, query: URLSearchParams): StubAnswer {
  const [type, filter] = [query.get('type') ?? '', query.get('contentFilter') ?? ''];
  return meta(
    stub.objects.filter((object) => (type === '' || object.type === type) && object.content.includes(filter)),
  );
}

function addObject(stub: Stub, param: Record<string, unknown>): StubAnswer {
  stub.objects.push({
    type: String(param['type']),
    content: String(param['content']),
    notes: String(param['notes']),
    scan_action: String(param['scan_action']),
    expiration_utc_date: typeof param['expiration_utc_date'] === 'string' ? param['expiration_utc_date'] : null,
  });
  return meta(null);
}

function removeObject(stub: Stub, query: URLSearchParams): StubAnswer {
  const at = stub.objects.findIndex(
    (object) => object.type === query.get('type') && object.content === query.get('content'),
  );
  if (at >= 0) {
    stub.objects.splice(at, 1);
    return meta(null);
  }
  const remark = { Result: 1, ErrorCode: 0, ErrorMsg: 'No entry matched, so nothing was removed.' };
  return { status: 200, body: JSON.stringify({ ...JSON.parse(meta(null).body), Meta: remark }) };
}

function addFile(stub: Stub, body: Record<string, unknown>): StubAnswer {
  const content = Buffer.from(String(body['file_content_base64_string']), 'base64');
  stub.objects.push({
    type: 'file',
    content: createHash('sha1').update(content).digest('hex').toUpperCase(),
    notes: String(body['note']),
    scan_action: String(body['file_scan_action']).toLowerCase(),
    expiration_utc_date: null,
  });
  return result(null);
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
