/** Arriving agents: enrolling, and opening a channel. Their reports are in reports.ts. */
import { createHash, createPublicKey, randomUUID, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { helloBytes } from '@cordon/protocol/channel';
import type { AgentFrame, EndpointFacts, EnrolRequest } from '@cordon/protocol/channel';
import type { Actor, Audit } from '../audit/audit.ts';
import type { Database, Row } from '../database/database.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { isTokenGood, spendToken } from './queries.ts';
import { agentByNumber, agentForChange, insertAgent, prepareAgentLookUp, updateFacts } from '../agents/table.ts';
import type { AgentLookUp, FactColumns, NewAgent } from '../agents/table.ts';
import { about } from '../agents/rows.ts';
import type { SealedDesiredState } from '../database/rows.ts';
import { ipForm } from '../agents/selector.ts';
import type { DesiredStates } from '../desired-state/desired-states.ts';

export type Hello = Extract<AgentFrame, { frame: 'hello' }>;

/** What the gateway keeps of a connected agent. */
export interface Arrived {
  readonly number: number;
  readonly entityId: string;
  readonly hostName: string;
  readonly enrolment: string;
  readonly publicKey: KeyObject;
  /** The list revision it last reported when it connected. */
  readonly objectsRevision: number;
  /** Its current desired state. */
  readonly desired: SealedDesiredState;
}

export interface ArrivalDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly now: () => number;
  /** The managing server that new agents belong to. */
  readonly home: string;
  readonly desiredStates: DesiredStates;
}

/** Half of the largest exact integer, so that later epochs are exact too. */
const largestEpoch = 2 ** 52;

export class Arrival {
  readonly #deps: ArrivalDeps;
  readonly #byEntityId: AgentLookUp;

  constructor(deps: ArrivalDeps) {
    this.#deps = deps;
    this.#byEntityId = prepareAgentLookUp(deps.database);
  }

  /** Spends one use of a token on a new agent, and returns its desired state: nothing yet. */
  async enrol(actor: Actor, request: EnrolRequest): Promise<SealedDesiredState> {
    if (publicKeyFrom(request.publicKey) === undefined) {
      throw new ConsoleRefusal(400, 'key-invalid', 'The public key is not an Ed25519 key in SPKI DER, base64.');
    }
    const agent = this.#newAgent(request);
    const secretHash = hashOf(request.secret);
    if (!(await isTokenGood(this.#deps.database.read, secretHash, this.#deps.now())))
      throw this.#tokenVoid(actor, agent);
    return this.#deps.database.write(async (tx) => {
      // Checked again, now binding: several endpoints may hold the same token.
      if (!(await spendToken(tx, secretHash, this.#deps.now()))) throw this.#tokenVoid(actor, agent);
      const number = await insertAgent(tx, agent, request.facts);
      await this.#deps.audit.record(
        tx,
        { ...actor, name: `agent:${agent.entity_id}` },
        {
          ...enrolFact(agent, 'done'),
          agents: [number],
        },
      );
      return { ...agent, number };
    });
  }

  /**
   * The agent of a hello whose signature fits, or undefined. Stores what it reports about itself, and goes past its
   * epoch where this server does not know what it follows, as after a restore from a backup.
   */
  async arrive(hello: Hello, seen: { nonce: string; publicKeyPin: string }): Promise<Arrived | undefined> {
    const [row] = await this.#byEntityId(hello.agent.toLowerCase());
    const publicKey = row === undefined ? undefined : publicKeyFrom(row.public_key);
    if (row === undefined || publicKey === undefined) return undefined;
    const signed = helloBytes({ agent: row.entity_id, ...seen });
    if (!verify(null, signed, publicKey, Buffer.from(hello.signature, 'base64'))) return undefined;
    await this.#takeFacts(row, hello.facts);
    const desired = isBehind(row, hello) ? await this.#overtake(row, hello) : row;
    const { number, entity_id: entityId, enrolment, objects_revision: objectsRevision } = row;
    return { number, entityId, hostName: hello.facts.hostName, enrolment, publicKey, objectsRevision, desired };
  }

  /**
   * An agent's current desired state. Read once its channel is open: a change before that found no channel to be sent
   * on.
   */
  async desiredOf(agent: Arrived): Promise<SealedDesiredState> {
    return (await agentByNumber(this.#deps.database.read, agent.number)) ?? agent.desired;
  }

  #tokenVoid(actor: Actor, agent: NewAgent): ConsoleRefusal {
    this.#deps.audit.refused(actor, enrolFact(agent, 'refused'));
    return new ConsoleRefusal(
      403,
      'token-void',
      'This enrolment token is unknown, used up or expired. Create one with "cordon enrol-token".',
    );
  }

  async #takeFacts(row: Row<'agents'>, facts: EndpointFacts): Promise<void> {
    const columns = factColumns(facts);
    const same = columnNames(columns).every((name) => row[name] === columns[name]);
    if (!same) await this.#deps.database.write((tx) => updateFacts(tx, row.number, columns, facts));
  }

  async #overtake(row: Row<'agents'>, hello: Hello): Promise<SealedDesiredState> {
    const { epoch } = hello;
    if (epoch > largestEpoch) throw new Error('The hello has an epoch that no server has reached.');
    const now = this.#deps.now();
    const { database, desiredStates } = this.#deps;
    return database.write(async (tx) => {
      const current = (await agentForChange(tx, database, row.number)) ?? row;
      if (!isBehind(current, hello)) return current;
      // Only a genuine desired state gets a new epoch.
      if (!desiredStates.seal.fits(current)) return current;
      const desired = await desiredStates.overtake(tx, current, { epoch, now });
      const actor = { name: 'server', source: '', requestId: '' };
      const issued = new Date(hello.issuedAt).toISOString();
      const detail = `the agent follows epoch ${epoch} of ${issued}, this database has ${row.desired_epoch} of ${new Date(row.desired_at).toISOString()}: was it restored from a backup?`;
      await this.#deps.audit.record(tx, actor, {
        act: 'overtake-epoch',
        ...about(row),
        outcome: 'done',
        detail,
      });
      return desired;
    });
  }

  #newAgent(request: EnrolRequest): NewAgent {
    const now = this.#deps.now();
    const agent = {
      ...factColumns(request.facts),
      entity_id: randomUUID(),
      enrolment: randomUUID(),
      public_key: request.publicKey,
      server_id: this.#deps.home,
      folder: request.facts.folder,
      desired_isolation: 'normal',
      desired_epoch: 1,
      isolation_epoch: 0,
      desired_installed: 1,
      desired_at: now,
      desired_deadline: null,
      desired_profile: null,
      desired_message: null,
      desired_approvals: 1,
      protected: 0,
      tampering_count: 0,
      tampering_at: null,
      reported_isolation: 'normal',
      reported_epoch: 0,
      reported_at: null,
      report: null,
      problem: null,
      objects_revision: 0,
      object_status: null,
      group_name: 'default',
      enrolled_at: now,
      removed_at: null,
    } as const;
    return { ...agent, desired_seal: this.#deps.desiredStates.seal.of({ ...agent, number: 0 }) };
  }
}

/** It follows a desired state that this database never held: of a later epoch, or of the same one and another time. */
function isBehind(row: Row<'agents'>, hello: Hello): boolean {
  if (hello.epoch !== row.desired_epoch) return hello.epoch > row.desired_epoch;
  return hello.issuedAt !== row.desired_at;
}

function enrolFact(agent: NewAgent, outcome: string): { act: string; target: string; outcome: string; detail: string } {
  return { act: 'enrol', target: `${agent.entity_id} (${agent.host_name})`, outcome, detail: agent.platform };
}

function factColumns(facts: EndpointFacts): FactColumns {
  return {
    host_name: facts.hostName,
    host_name_key: facts.hostName.toLowerCase(),
    ip_addresses: [...new Set(facts.addresses.map(ipForm))].join(','),
    mac_addresses: [...new Set(facts.macs)].join(','),
    platform: facts.platform,
    agent_version: facts.agentVersion,
    can_isolate: facts.canIsolate ? 1 : 0,
    product: facts.product,
    ad_domain: facts.adDomain,
  };
}

function columnNames(columns: FactColumns): (keyof FactColumns)[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the object is made a few lines above, of these keys
  return Object.keys(columns) as (keyof FactColumns)[];
}

function publicKeyFrom(base64: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(base64, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined; // Not a key at all: hostile or damaged, and answered like a key of another type.
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
