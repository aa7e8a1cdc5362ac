/**
 * A fake gateway as a program: enrols agents, keeps their channel and prints all it receives as JSON lines.
 *
 * `node gateway.ts <address> <port> <version of the channel>`; commands come on standard input. It knows the wire only
 * from the protocol package, so what passes here is what any server must send.
 */
import { createPublicKey, generateKeyPairSync, randomBytes, randomUUID, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import {
  breakGlassDigest,
  decodeAgentFrame,
  helloBytes,
  openDocument,
  signDocument,
  writeEnrolmentToken,
} from '@cordon/protocol/channel';
import type { AgentFrame, GatewayFrame, ObjectsPage, TaskWork, DesiredState } from '@cordon/protocol/channel';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { selfSigned } from './certificate.ts';

interface Command {
  readonly do:
    'want' | 'send' | 'page' | 'drop' | 'changed' | 'second' | 'second-again' | 'close-second' | 'task' | 'record';
  readonly port?: number;
  readonly desired?: Partial<DesiredState>;
  readonly page?: ObjectsPage;
  /** Sign with a key that no agent knows. */
  readonly forged?: boolean;
  readonly revision?: number;
  readonly task?: { readonly task: string; readonly work: TaskWork };
  /** Whether detections and progress are recorded from now on. */
  readonly recording?: boolean;
  /** The break-glass code of the desired state. */
  readonly code?: string;
}

const [address = '127.0.0.1', port = '0', version = '1'] = process.argv.slice(2);
const server = randomUUID();
const secret = randomBytes(24).toString('base64url');
const certificate = selfSigned();
const signing = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
let agentKey: KeyObject | undefined;
let desired: DesiredState | undefined;
let signed: ReturnType<typeof signDocument> | undefined;
let channel: WebSocket | undefined;
let revision = 0;
let recording = true;
const https = makeListener();
const second = makeListener();

function emit(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function send(frame: GatewayFrame): void {
  channel?.send(JSON.stringify(frame));
}

function gatewayAddress(): DesiredState['gateways'][number] {
  return { server, address, port: portOf(https) };
}

function portOf(listener: Server): number {
  const at = listener.address();
  return typeof at === 'object' && at ? at.port : 0;
}

function enrol(body: string): string {
  const request = JSON.parse(body);
  if (request.secret !== secret) return '';
  agentKey = createPublicKey({ key: Buffer.from(request.publicKey, 'base64'), format: 'der', type: 'spki' });
  const [agent, enrolment] = [randomUUID(), randomUUID()];
  desired = {
    agent,
    enrolment,
    epoch: 1,
    isolation: 'normal',
    installed: true,
    gateways: [gatewayAddress()],
    publicKeyPins: [certificate.publicKeyPin],
    issuedAt: Date.now(),
  };
  signed = signDocument('desired', desired, signing.privateKey);
  emit({ event: 'enrolled', agent, facts: request.facts });
  return JSON.stringify({ agent, enrolment, desired: signed });
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = enrol(await text(request));
  response.statusCode = answer === '' ? 403 : 200;
  response.end(answer === '' ? '{"reason":"secret-unknown","message":"This secret is not known here."}' : answer);
}

/** One listener; all of them are the same gateway. */
function makeListener(): Server {
  const made = createServer({ key: certificate.key, cert: certificate.cert }, (request, response) => {
    void respond(request, response);
  });
  new WebSocketServer({ server: made, path: '/agent/v1/channel' }).on('connection', (socket, request) => {
    const nonce = randomBytes(24).toString('base64url');
    socket.on('error', () => undefined);
    socket.on('close', () => emit({ event: 'closed' }));
    socket.on('message', (data) =>
      receive(socket, decodeAgentFrame(Buffer.isBuffer(data) ? data.toString() : ''), nonce),
    );
    socket.send(JSON.stringify({ frame: 'challenge', version: Number(version), nonce }));
    emit({ event: 'opened', port: request.socket.localPort });
  });
  return made;
}

function receive(socket: WebSocket, frame: AgentFrame | undefined, nonce: string): void {
  if (!frame || !agentKey || !signed) return emit({ event: 'nonsense' });
  if (frame.frame === 'objects-after') return emit({ event: 'objects-after', revision: frame.revision });
  if (frame.frame === 'report') {
    const report = openDocument('report', frame.report, agentKey);
    send({ frame: 'recorded', at: report.at });
    return emit({ event: 'report', ...report });
  }
  if (frame.frame === 'detections') {
    const { agent, enrolment, spool, detections } = openDocument('detections', frame.detections, agentKey);
    for (const detection of detections) emit({ event: 'detection', ...detection });
    const stored = { agent, enrolment, spool, sequence: detections.at(-1)?.sequence ?? 1 };
    const receipt = signDocument('detections-receipt', stored, signing.privateKey);
    if (recording) send({ frame: 'detections-recorded', receipt });
    return;
  }
  if (frame.frame === 'progress') {
    const progress = openDocument('progress', frame.progress, agentKey);
    const { agent, enrolment, task, at, state } = progress;
    const receipt = signDocument('progress-receipt', { agent, enrolment, task, at }, signing.privateKey);
    if (recording && state !== 'running') send({ frame: 'progress-recorded', receipt });
    return emit({ event: 'progress', ...progress });
  }
  const bytes = helloBytes({ agent: frame.agent, nonce, publicKeyPin: certificate.publicKeyPin });
  const genuine = verify(null, bytes, agentKey, Buffer.from(frame.signature, 'base64'));
  emit({ event: 'hello', genuine, epoch: frame.epoch, objectsRevision: frame.objectsRevision, facts: frame.facts });
  if (!genuine) return socket.terminate();
  channel = socket;
  send({ frame: 'welcome', server, objectsRevision: revision });
  if (frame.epoch < (desired?.epoch ?? 0)) send({ frame: 'desired', desired: signed });
}

function obey(command: Command): void {
  switch (command.do) {
    case 'want':
      if (!desired) return;
      desired = { ...desired, epoch: desired.epoch + 1, ...command.desired };
      if (command.code !== undefined) desired = { ...desired, breakGlass: breakGlassDigest(command.code, desired) };
      signed = signDocument('desired', desired, signing.privateKey);
      emit({ event: 'wanting', epoch: desired.epoch });
      return send({ frame: 'desired', desired: signed });
    case 'send': {
      // As it is, and not remembered: for documents that an agent must not follow.
      if (!desired) return;
      const key = command.forged === true ? stranger.privateKey : signing.privateKey;
      return send({ frame: 'desired', desired: signDocument('desired', { ...desired, ...command.desired }, key) });
    }
    case 'page':
      if (!command.page) return;
      revision = Math.max(revision, command.page.revision);
      return send({
        frame: 'objects',
        page: signDocument('objects', command.page, command.forged === true ? stranger.privateKey : signing.privateKey),
      });
    case 'changed':
      revision = command.revision ?? 0;
      return send({ frame: 'objects-changed', revision });
    case 'task': {
      if (!desired || !command.task) return;
      const { agent, enrolment } = desired;
      const task = { agent, enrolment, ...command.task, issuedAt: Date.now(), expiresAt: Date.now() + 3_600_000 };
      return send({ frame: 'task', task: signDocument('task', task, signing.privateKey) });
    }
    case 'record':
      recording = command.recording === true;
      return;
    case 'drop':
      return channel?.terminate();
    case 'second':
      second.listen(0, address, () => emit({ event: 'listening too', port: portOf(second) }));
      return;
    case 'second-again':
      second.listen(command.port, address);
      return;
    case 'close-second':
      second.close();
      channel?.terminate();
  }
}

https.listen(Number(port), address, () => {
  const token = writeEnrolmentToken({
    gateways: [{ host: address, port: portOf(https) }],
    publicKeyPins: [certificate.publicKeyPin],
    signingKey: signing.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
    secret,
    expiresAt: Date.now() + 3_600_000,
  });
  emit({ event: 'listening', token, port: portOf(https), server });
});
createInterface({ input: process.stdin })
  .on('line', (line) => obey(JSON.parse(line)))
  .on('close', () => process.exit(0));
