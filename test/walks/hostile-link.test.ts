/** A compromised link can read and change all that passes, yet no detection is lost before the server has it. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { signDocument } from '@cordon/protocol/channel';
import type { DetectionsReceipt, SignedDocument } from '@cordon/protocol/channel';
import type { ConsoleClient } from '@cordon/sdk';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Spool } from '../../packages/agent/src/enforcer/detections/spool.ts';
import { Link } from '../../packages/agent/src/link/link.ts';
import { EnforcerConnection } from '../../packages/agent/src/link/enforcer-connection.ts';
import { askEnforcer } from '../../packages/agent/src/ipc/control-socket.ts';
import { decodeObjectsStatus } from '../../packages/agent/src/ipc/control-messages.ts';
import { controlPath, socketPath } from '../../packages/agent/src/ipc/paths.ts';
import { JsonProcess } from '../harness/json-process.ts';
import { agentProgram, temporaryFolder } from '../agent/paths.ts';
import { databaseKinds } from '../harness/databases.ts';
import type { FreshDatabase } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { detection } from '../server/object-samples.ts';
import { FakeAgent, factsOf } from '../server/fake-agent.ts';

const hostName = 'client01';
const spooled = 3;

/** An endpoint with a real enforcer process, whose link is played by the test. */
class Overtaken {
  readonly #folder = temporaryFolder();
  readonly #stop = new AbortController();
  /** Whether the enforcer's batches are forwarded to the server. */
  passing = false;
  /** Receipts from the server, in order. */
  readonly receipts: SignedDocument[] = [];
  /** How many batches the enforcer has handed over. */
  batches = 0;
  #enforcer: JsonProcess | undefined;
  #connection: EnforcerConnection | undefined;
  #link: Promise<void> | undefined;

  get state(): string {
    return join(this.#folder.path, 'state');
  }

  async enrol(token: string): Promise<void> {
    const enrolment = this.#start('enrol', token);
    if ((await enrolment.exited) !== 0) throw new Error(JSON.stringify(enrolment.eventsLike({})));
  }

  /** Detections in the enforcer's spool when it starts. */
  async fill(): Promise<void> {
    const folder = join(this.state, 'spool');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const spool = new Spool({ folder, log: () => undefined, kept: () => undefined, grown: () => undefined });
    for (let index = 0; index < spooled; index += 1) {
      const { sequence: _replaced, ...match } = detection(1);
      spool.add(match);
    }
    await spool.close();
  }

  async startEnforcer(): Promise<void> {
    this.#enforcer = this.#start('enforcer', '--with-parent');
    await this.#enforcer.next({ event: 'ready' });
  }

  async stopEnforcer(): Promise<void> {
    this.#enforcer?.child.stdin?.end();
    await this.#enforcer?.exited;
  }

  /** Connects to the enforcer, and a channel to the server. */
  async connect(): Promise<void> {
    const connection = await EnforcerConnection.open(socketPath(this.#environment), 15_000, this.#stop.signal);
    this.#connection = connection;
    const link = new Link({
      send: (message) => {
        if (message.type === 'detections-recorded') this.receipts.push(message.receipt);
        connection.send(message);
      },
      facts: () => factsOf(hostName),
      log: () => undefined,
      now: Date.now,
      random: Math.random,
      homeRetryMs: 300_000,
    });
    connection.listen((message) => {
      if (message.type === 'detections') this.batches += 1;
      if (message.type !== 'detections' || this.passing) link.fromEnforcer(message);
    });
    const gone = new AbortController();
    void connection.ended.then(() => gone.abort());
    this.#link = link.run(AbortSignal.any([this.#stop.signal, gone.signal]));
  }

  /** Sends the enforcer any receipt; returns its answer. */
  async lie(receipt: SignedDocument): Promise<unknown> {
    const before = this.#enforcer?.count ?? 0;
    this.#connection?.send({ type: 'detections-recorded', receipt });
    return (await this.#enforcer?.next({ event: 'receipt refused' }, before))?.['message'];
  }

  /** How many detections the enforcer still keeps for the server. */
  async waiting(): Promise<number | undefined> {
    const answer = await askEnforcer(controlPath(this.#environment), { type: 'objects' });
    return decodeObjectsStatus(answer)?.spooled;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#connection?.close();
    await this.#link;
    await this.stopEnforcer();
    this.#folder.remove();
  }

  #start(...args: string[]): JsonProcess {
    return new JsonProcess(process.execPath, [agentProgram, ...args], {
      environment: this.#environment,
      from: 'stderr',
    });
  }

  get #environment(): NodeJS.ProcessEnv {
    const own = { CORDON_AGENT_STATE: this.state, CORDON_AGENT_HOST_NAME: hostName, CORDON_AGENT_SIMULATED: '1' };
    return { ...process.env, ...own };
  }
}

describe.each(databaseKinds())('with a server on $name, a compromised link', { timeout: 300_000 }, (kind) => {
  let database: FreshDatabase;
  let server: TestServer;
  let objects: ConsoleClient;
  let endpoint: Overtaken;
  let other: FakeAgent;

  beforeEach(async () => {
    database = await kind.make();
    server = await startServer({ database: database.address, listen: `127.0.0.1:${await freePort()}` });
    const admin = await server.console();
    objects = admin;
    const { token } = await admin.enrolment.addToken({ uses: 2 });
    endpoint = new Overtaken();
    await endpoint.enrol(token);
    other = await FakeAgent.enrol(server, token, factsOf('client02'));
    await other.connect(server);
  });

  afterEach(async () => {
    await endpoint.close();
    await server.stop();
    await database.remove();
  });

  /** A receipt as the server gives it to another agent, for the same number of detections. */
  async function receiptOfAnother(): Promise<SignedDocument> {
    other.sendDetections(Array.from({ length: spooled }, (_, index) => detection(index + 1)));
    return (await other.channel.next('detections-recorded')).receipt;
  }

  function handedOver(): Promise<unknown> {
    return eventually('the enforcer hands over a batch', () => Promise.resolve(endpoint.batches > 0 || undefined));
  }

  /** What the server knows about this endpoint. */
  async function known(): Promise<number> {
    return (await objects.detections.list({ limit: 1000 })).detections.filter((one) => one.hostName === hostName)
      .length;
  }

  test('can withhold detections but cannot lose them; an honest link delivers them all afterwards', async () => {
    await endpoint.fill();
    await endpoint.startEnforcer();
    await endpoint.connect();
    await handedOver();
    const forged = { agent: randomUUID(), enrolment: randomUUID(), spool: randomUUID(), sequence: spooled };
    expect(await endpoint.lie(madeUp(forged))).toContain('does not fit the pinned key');
    expect(await endpoint.lie(await receiptOfAnother())).toContain('It is for agent');
    expect(await endpoint.waiting()).toBe(spooled);
    expect(await known()).toBe(0);
    await endpoint.stopEnforcer();
    endpoint.passing = true;
    await endpoint.startEnforcer();
    await endpoint.connect();
    await eventually('all are recorded', async () => ((await endpoint.waiting()) === 0 ? true : undefined));
    expect(await known()).toBe(spooled);
  });

  test('cannot reuse a receipt for the spool that replaced a lost one', async () => {
    endpoint.passing = true;
    await endpoint.fill();
    await endpoint.startEnforcer();
    await endpoint.connect();
    await eventually('all are recorded', async () => ((await endpoint.waiting()) === 0 ? true : undefined));
    const [genuine] = endpoint.receipts;
    if (!genuine) throw new Error('The server gave no receipt.');
    expect(await endpoint.lie(genuine)).toContain('is recorded already');
    await endpoint.stopEnforcer();
    rmSync(join(endpoint.state, 'spool'), { recursive: true });
    await endpoint.fill();
    endpoint.passing = false;
    endpoint.batches = 0;
    await endpoint.startEnforcer();
    await endpoint.connect();
    await handedOver();
    expect(await endpoint.lie(genuine)).toContain('It is for spool');
    expect(await endpoint.waiting()).toBe(spooled);
    endpoint.passing = true;
    await endpoint.stopEnforcer();
    await endpoint.startEnforcer();
    await endpoint.connect();
    await eventually('those of the new spool are recorded', async () =>
      (await endpoint.waiting()) === 0 ? true : undefined,
    );
    // The numbers repeat those of the earlier spool; the server must not mistake them for the same detections.
    expect(await known()).toBe(2 * spooled);
  });
});

function madeUp(receipt: DetectionsReceipt): SignedDocument {
  return signDocument('detections-receipt', receipt, generateKeyPairSync('ed25519').privateKey);
}
