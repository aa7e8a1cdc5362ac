/**
 * Simulates many agents in one process: `agents.ts <plan.json>`.
 *
 * Each has a channel over TLS, acknowledges its desired state without touching a kernel, signs its report, and reconnects
 * after a random time when it is cut off.
 */
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, createSecureContext } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import type { RawData } from 'ws';
import { channelVersion, decodeGatewayFrame, helloBytes, signDocument } from '@cordon/protocol/channel';
import type { AgentFrame, EndpointFacts, GatewayFrame, Report } from '@cordon/protocol/channel';
import type { Enrolled } from '../harness/agents-database.ts';

export interface SimulatedAgentsPlan {
  readonly port: number;
  readonly publicKeyPin: string;
  /** PEM; the agents share it. */
  readonly key: string;
  readonly agents: readonly Enrolled[];
}

/** How many agents are connected, have a desired state, have had its report recorded, have answered a ping. */
export interface Progress {
  readonly what: 'connected' | 'desired' | 'recorded' | 'echoed';
  readonly count: number;
}

const atOnce = 64;
const firstWait = 100;
const longestWait = 5000;
/** As the real agent's. */
const timeoutMs = 10_000;
const reportIntervalMs = 5;

const simulatedAgents: SimulatedAgentsPlan = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const key = createPrivateKey(simulatedAgents.key);
const secureContext = createSecureContext({ minVersion: 'TLSv1.3', ecdhCurve: 'X25519' });
const counts: Record<Progress['what'], number> = { connected: 0, desired: 0, recorded: 0, echoed: 0 };
const sent: Record<Progress['what'], number> = { ...counts };
const sockets = new Set<WebSocket>();

process.on('disconnect', () => process.exit(0));
process.on('message', (what: 'echo' | 'forget') => {
  if (what === 'echo') for (const socket of sockets) socket.ping();
  else for (const name of namesOf(counts)) [counts[name], sent[name]] = [0, 0];
});
setInterval(() => {
  for (const what of namesOf(counts)) {
    if (counts[what] === sent[what]) continue;
    sent[what] = counts[what];
    process.send?.({ what, count: counts[what] } satisfies Progress);
  }
}, reportIntervalMs);
async function connectAll(): Promise<void> {
  const waiting = simulatedAgents.agents.map((agent, index) => new Player(agent, index));
  const one = async (): Promise<void> => {
    for (let player = waiting.pop(); player !== undefined; player = waiting.pop()) await player.connect();
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

class Player {
  readonly #agent: Enrolled;
  readonly #facts: EndpointFacts;
  #epoch = 1;
  #issuedAt = 0;
  #isolation: Report['isolation'] = 'normal';
  #failures = 0;

  constructor(agent: Enrolled, index: number) {
    this.#agent = agent;
    this.#facts = factsOf(agent, index + 1);
  }

  /** Resolves once the channel is welcomed or has failed. It reconnects by itself when it ends. */
  connect(): Promise<void> {
    return new Promise((resolve) => {
      const socket = new WebSocket(`wss://127.0.0.1:${simulatedAgents.port}/agent/v1/channel`, {
        createConnection: openTls,
        perMessageDeflate: false,
      });
      socket.on('message', (data: RawData) => {
        const frame = Buffer.isBuffer(data) ? decodeGatewayFrame(data.toString('utf8')) : undefined;
        if (frame !== undefined) this.#receive(socket, frame);
        if (frame?.frame === 'welcome') resolve();
      });
      socket.on('upgrade', (response) => response.socket.setTimeout(0));
      socket.on('pong', () => {
        counts.echoed += 1;
      });
      socket.on('error', () => socket.terminate());
      socket.on('close', () => {
        sockets.delete(socket);
        resolve();
        const most = Math.min(longestWait, firstWait * 2 ** this.#failures);
        this.#failures += 1;
        setTimeout(() => void this.connect(), Math.random() * most);
      });
    });
  }

  #receive(socket: WebSocket, frame: GatewayFrame): void {
    const send = (answer: AgentFrame): void => socket.send(JSON.stringify(answer));
    if (frame.frame === 'challenge') send(this.#hello(frame.nonce));
    if (frame.frame === 'welcome') {
      this.#failures = 0;
      sockets.add(socket);
      counts.connected += 1;
    }
    if (frame.frame === 'desired') {
      counts.desired += 1;
      const desired: { epoch: number; issuedAt: number; isolation: 'normal' | 'isolated' } = JSON.parse(
        frame.desired.document,
      );
      this.#epoch = desired.epoch;
      this.#issuedAt = desired.issuedAt;
      this.#isolation = desired.isolation;
      send({ frame: 'report', report: signDocument('report', this.#report(), key) });
    }
    if (frame.frame === 'recorded') counts.recorded += 1;
  }

  #hello(nonce: string): AgentFrame {
    const agent = this.#agent.entityId;
    const bytes = helloBytes({ agent, nonce, publicKeyPin: simulatedAgents.publicKeyPin });
    const signature = sign(null, bytes, key).toString('base64');
    const holds = { epoch: this.#epoch, issuedAt: this.#issuedAt, objectsRevision: 0 };
    return { frame: 'hello', version: channelVersion, agent, signature, facts: this.#facts, ...holds };
  }

  #report(): Report {
    const probes: NonNullable<Report['proof']>['probes'] = [{ probe: 'udp to 192.0.2.1', outcome: 'refused' }];
    const counters = { chains: 6, rules: 30, packetsAccepted: 0, packetsDropped: 0 };
    return {
      agent: this.#agent.entityId,
      enrolment: this.#agent.enrolment,
      epoch: this.#epoch,
      isolation: this.#isolation,
      proof: { digest: '0'.repeat(64), level: 'simulated', ...counters, probes },
      problem: null,
      publicKeyPins: [simulatedAgents.publicKeyPin],
      installed: true,
      objectsRevision: 0,
      at: Date.now(),
    };
  }
}

/** Gives up a connection that the kernel accepted and nobody answers, as after a crash. */
function openTls(): TLSSocket {
  const socket = connect({ host: '127.0.0.1', port: simulatedAgents.port, secureContext, rejectUnauthorized: false });
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error('Nobody answers.')));
  return socket;
}

/** What the database already has of this agent, so that connecting changes nothing. */
function factsOf(agent: Enrolled, number: number): EndpointFacts {
  const pairs = number.toString(16).padStart(6, '0').toUpperCase().match(/../g) ?? [];
  return {
    hostName: agent.hostName,
    addresses: [`10.${pairs.map((pair) => Number.parseInt(pair, 16)).join('.')}`],
    macs: [`02-00-00-${pairs.join('-')}`],
    product: 'SLF_PRODUCT_OFFICESCAN_CE',
    platform: 'Debian GNU/Linux 12 (bookworm)',
    agentVersion: '0.1.0',
    adDomain: '',
    folder: 'Workgroup',
    canIsolate: true,
  };
}

function namesOf(record: Readonly<Record<Progress['what'], number>>): Progress['what'][] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a record of just these
  return Object.keys(record) as Progress['what'][];
}

// Last, because classes are not hoisted.
await connectAll();
