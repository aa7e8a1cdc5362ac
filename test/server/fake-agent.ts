/** An agent that speaks the channel and reports what a test wants: the server's peer. */
import { createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { WebSocket } from 'ws';
import {
  channelVersion,
  decodeGatewayFrame,
  helloBytes,
  openDocument,
  readEnrolAnswer,
  readEnrolmentToken,
  signDocument,
} from '@cordon/protocol/channel';
import type {
  Detection,
  DetectionsReceipt,
  DocumentOf,
  EndpointFacts,
  EnrolmentToken,
  GatewayFrame,
  Progress,
  Report,
  SignedDocument,
  Task,
  DesiredState,
} from '@cordon/protocol/channel';
import type { TestServer } from '../harness/server.ts';
import { send } from './wire.ts';
import type { Answer } from './wire.ts';

type FrameOf<Name extends GatewayFrame['frame']> = Extract<GatewayFrame, { frame: Name }>;

export const proof: NonNullable<Report['proof']> = {
  digest: 'ab'.repeat(32),
  level: 'simulated',
  chains: 3,
  rules: 9,
  packetsAccepted: 0,
  packetsDropped: 0,
  probes: [{ probe: 'udp', outcome: 'refused' }],
};

export function factsOf(hostName: string, change: Partial<EndpointFacts> = {}): EndpointFacts {
  return {
    hostName,
    addresses: [],
    macs: [],
    product: 'SLF_PRODUCT_OFFICESCAN_CE',
    platform: 'Debian GNU/Linux 12 (bookworm)',
    agentVersion: '0.1.0',
    adDomain: '',
    folder: 'Workgroup',
    canIsolate: true,
    ...change,
  };
}

export interface EnrolRequest {
  readonly secret: string;
  readonly publicKey: string;
  readonly facts: EndpointFacts;
}

export function postEnrolment(server: TestServer, request: EnrolRequest | object, from?: string): Promise<Answer> {
  const body = JSON.stringify(request);
  return send(server, { method: 'POST', path: '/agent/v1/enrol', body, ...(from === undefined ? {} : { from }) });
}

export function publicText(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64');
}

export class FakeAgent {
  readonly id: string;
  readonly enrolment: string;
  readonly privateKey: KeyObject;
  /** The spool that its sequence numbers belong to. */
  spool: string = randomUUID();
  facts: EndpointFacts;
  /** Of the applied desired state. */
  epoch: number;
  issuedAt: number;
  publicKeyPins: string[];
  isolation: Report['isolation'] = 'normal';
  objectsRevision = 0;
  version: number = channelVersion;
  readonly #token: EnrolmentToken;
  #channel: AgentChannel | undefined;

  private constructor(
    token: EnrolmentToken,
    given: Pick<FakeAgent, 'id' | 'enrolment' | 'privateKey' | 'facts'>,
    desired: Pick<DesiredState, 'epoch' | 'issuedAt'>,
  ) {
    this.#token = token;
    this.id = given.id;
    this.enrolment = given.enrolment;
    this.privateKey = given.privateKey;
    this.facts = given.facts;
    this.epoch = desired.epoch;
    this.issuedAt = desired.issuedAt;
    this.publicKeyPins = token.publicKeyPins;
  }

  static async enrol(server: TestServer, tokenText: string, facts: EndpointFacts): Promise<FakeAgent> {
    const token = readEnrolmentToken(tokenText);
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const answer = await postEnrolment(server, { secret: token.secret, publicKey: publicText(publicKey), facts });
    if (answer.status !== 201) throw new Error(`Enrolling was answered with ${answer.status}: ${answer.text}`);
    const enrolled = readEnrolAnswer(answer.text);
    const agent = { id: enrolled.agent, enrolment: enrolled.enrolment, privateKey, facts };
    const made = new FakeAgent(token, agent, { epoch: 0, issuedAt: 0 });
    made.#follow(made.open(enrolled.desired));
    return made;
  }

  /** Opens a channel to a server: the one that enrolled it, or another of its nodes. */
  async connect(server: TestServer): Promise<AgentChannel> {
    const channel = await this.knock(server);
    channel.hello(this);
    await channel.next('welcome');
    this.#channel = channel;
    return channel;
  }

  /** Opens a channel without sending a hello. */
  async knock(server: TestServer): Promise<AgentChannel> {
    const channel = new AgentChannel(server);
    await channel.challenged;
    return channel;
  }

  get channel(): AgentChannel {
    if (this.#channel === undefined) throw new Error('This agent is not connected.');
    return this.#channel;
  }

  /** The desired state in a frame, its signature verified with the key pinned at enrolment. */
  open(desired: FrameOf<'desired'>['desired']): DesiredState {
    const der = Buffer.from(this.#token.signingKey, 'base64');
    return openDocument('desired', desired, createPublicKey({ key: der, format: 'der', type: 'spki' }));
  }

  /** Waits for the next task. */
  async asked(): Promise<Task> {
    const der = Buffer.from(this.#token.signingKey, 'base64');
    const { task } = await this.channel.next('task');
    return openDocument('task', task, createPublicKey({ key: der, format: 'der', type: 'spki' }));
  }

  /** The receipt in a frame, its signature verified with the key pinned at enrolment. */
  #receipt<K extends 'detections-receipt' | 'progress-receipt'>(kind: K, receipt: SignedDocument): DocumentOf<K> {
    const der = Buffer.from(this.#token.signingKey, 'base64');
    return openDocument(kind, receipt, createPublicKey({ key: der, format: 'der', type: 'spki' }));
  }

  /** Signs the progress of a task and waits until it is stored. */
  async progress(task: string, change: Partial<Progress> = {}): Promise<void> {
    const at = change.at ?? Date.now();
    const counts = { files: 0, of: null, bytes: 0, unreadable: 0, found: 0, copies: [], message: null };
    const { id: agent, enrolment } = this;
    const progress = { agent, enrolment, task, kind: 'sweep', at, state: 'done' as const, ...counts, ...change };
    this.channel.sendText(
      JSON.stringify({ frame: 'progress', progress: signDocument('progress', progress, this.privateKey) }),
    );
    // Progress that does not end a task is not acknowledged; frames are answered in order.
    if (progress.state === 'running') return this.channel.answered();
    const { receipt } = await this.channel.next('progress-recorded');
    const stored = this.#receipt('progress-receipt', receipt);
    if (stored.task !== task || stored.at !== at) throw new Error(`A receipt for ${stored.task} came for ${task}.`);
  }

  /** Signs detections and sends them, without waiting. */
  sendDetections(
    detections: Detection[],
    change: { agent?: string; enrolment?: string; spool?: string; key?: KeyObject } = {},
  ): void {
    const { agent = this.id, enrolment = this.enrolment, key = this.privateKey, spool = this.spool } = change;
    const signed = signDocument('detections', { agent, enrolment, spool, detections }, key);
    this.channel.sendText(JSON.stringify({ frame: 'detections', detections: signed }));
  }

  /** Signs detections and waits until they are stored. */
  async detect(...detections: Detection[]): Promise<void> {
    this.sendDetections(detections);
    await this.recorded();
  }

  /** Waits for the receipt of detections. */
  async recorded(): Promise<DetectionsReceipt> {
    const { receipt } = await this.channel.next('detections-recorded');
    return this.#receipt('detections-receipt', receipt);
  }

  /** Waits for the next desired state. */
  async ordered(): Promise<DesiredState> {
    const desired = this.open((await this.channel.next('desired')).desired);
    this.#follow(desired);
    return desired;
  }

  #follow({ epoch, issuedAt, publicKeyPins }: DesiredState): void {
    [this.epoch, this.issuedAt, this.publicKeyPins] = [epoch, issuedAt, publicKeyPins];
  }

  /** Waits for the next desired state, applies it and reports it as verified. */
  async obey(): Promise<DesiredState> {
    const desired = await this.ordered();
    await this.report({ isolation: desired.isolation });
    return desired;
  }

  /** Signs a report and waits until it is stored. */
  async report(change: Partial<Report> = {}): Promise<void> {
    this.channel.report(this, change);
    await this.channel.next('recorded');
    this.isolation = change.isolation ?? this.isolation;
  }

  reportOf(change: Partial<Report>): Report {
    const isolation = change.isolation ?? this.isolation;
    return {
      agent: this.id,
      enrolment: this.enrolment,
      epoch: this.epoch,
      isolation,
      proof: isolation === 'isolated' ? proof : null,
      problem: null,
      installed: true,
      objectsRevision: this.objectsRevision,
      publicKeyPins: this.publicKeyPins,
      at: Date.now(),
      ...change,
    };
  }
}

/** One connection. Frames are kept until a test asks for them. */
export class AgentChannel {
  readonly challenged: Promise<void>;
  /** How it ended: the close code and the reason. */
  readonly ended: Promise<{ code: number; word: string }>;
  readonly #socket: WebSocket;
  readonly #server: TestServer;
  readonly #frames: GatewayFrame[] = [];
  readonly #waiting = new Set<() => void>();
  #nonce = '';
  #open = true;

  constructor(server: TestServer) {
    this.#server = server;
    const url = `${server.url.replace('https:', 'wss:')}/agent/v1/channel`;
    this.#socket = new WebSocket(url, { rejectUnauthorized: false, perMessageDeflate: false });
    this.#socket.on('message', (data: Buffer) => this.#take(data.toString('utf8')));
    this.#socket.on('error', () => undefined); // 'close' follows.
    this.ended = new Promise((resolve) => {
      this.#socket.on('close', (code, reason) => {
        this.#open = false;
        resolve({ code, word: reason.toString() });
        for (const wake of this.#waiting) wake();
      });
    });
    this.challenged = this.next('challenge').then(({ nonce }) => {
      this.#nonce = nonce;
    });
  }

  /** The next frame of a kind; skips others before it. Rejects if the channel ended without one. */
  async next<Name extends GatewayFrame['frame']>(name: Name): Promise<FrameOf<Name>> {
    for (;;) {
      const found = this.#frames.findIndex((frame) => frame.frame === name);
      if (found !== -1) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- just found by its name
        return this.#frames.splice(0, found + 1).at(-1) as FrameOf<Name>;
      }
      if (!this.#open) throw new Error(`The channel ended before a frame "${name}" came.`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Waits until everything sent before is processed; other frames that arrived stay for later calls. */
  async answered(): Promise<void> {
    this.sendText(JSON.stringify({ frame: 'objects-after', revision: 0 }));
    for (;;) {
      const found = this.#frames.findIndex((frame) => frame.frame === 'objects');
      if (found !== -1) {
        this.#frames.splice(found, 1);
        return;
      }
      if (!this.#open) throw new Error('The channel ended before all was answered.');
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Frames that arrived and were not asked for. */
  get left(): readonly GatewayFrame['frame'][] {
    return this.#frames.map((frame) => frame.frame);
  }

  hello(
    agent: FakeAgent,
    change: {
      key?: KeyObject;
      nonce?: string;
      publicKeyPin?: string;
      id?: string;
      epoch?: number;
      issuedAt?: number;
    } = {},
  ): void {
    const id = change.id ?? agent.id;
    const bytes = helloBytes({
      agent: id,
      nonce: change.nonce ?? this.#nonce,
      publicKeyPin: change.publicKeyPin ?? this.#server.publicKeyPin,
    });
    this.sendText(
      JSON.stringify({
        frame: 'hello',
        version: agent.version,
        agent: id,
        signature: sign(null, bytes, change.key ?? agent.privateKey).toString('base64'),
        facts: agent.facts,
        epoch: change.epoch ?? agent.epoch,
        issuedAt: change.issuedAt ?? agent.issuedAt,
        objectsRevision: agent.objectsRevision,
      }),
    );
  }

  /** Sends a changed report of `agent`, without waiting. */
  report(agent: FakeAgent, change: Partial<Report>, key: KeyObject = agent.privateKey): void {
    this.sendText(JSON.stringify({ frame: 'report', report: signDocument('report', agent.reportOf(change), key) }));
  }

  sendText(text: string | Buffer): void {
    this.#socket.send(text);
  }

  /** Closes cleanly. */
  async close(): Promise<void> {
    this.#socket.close();
    await this.ended;
  }

  #take(text: string): void {
    const frame = decodeGatewayFrame(text);
    if (frame === undefined) throw new Error(`The server sent a frame that the protocol does not know: ${text}`);
    this.#frames.push(frame);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
