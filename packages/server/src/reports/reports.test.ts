/** Reports that arrive together, on both databases: stored together, checked one by one. */
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyChain } from '@cordon/protocol/audit-chain';
import { readEnrolmentToken, signDocument } from '@cordon/protocol/channel';
import type { Report } from '@cordon/protocol/channel';
import { databaseKinds } from '../../../../test/harness/databases.ts';
import type { FreshDatabase } from '../../../../test/harness/databases.ts';
import { Audit } from '../audit/audit.ts';
import { listCommands, recordCommands } from '../commands/commands.ts';
import { openDatabase } from '../database/database.ts';
import type { Database } from '../database/database.ts';
import { Sealer } from '../secrets/sealing.ts';
import { Arrival } from '../enrolment/arrival.ts';
import type { Arrived } from '../enrolment/arrival.ts';
import { makeEnrolmentToken } from '../enrolment/tokens.ts';
import { isolationOf } from '../agents/isolation.ts';
import { agentByNumber } from '../agents/table.ts';
import { Reports } from './reports.ts';
import { DesiredStates } from '../desired-state/desired-states.ts';
import { DesiredStateSeal } from '../desired-state/seal.ts';

const admin = { name: 'user:admin', source: '127.0.0.1', requestId: 'r1' };
const desiredAt = 1_800_000_000_000;
const proof: Report['proof'] = {
  digest: 'a'.repeat(64),
  level: 'owner-persist',
  chains: 5,
  rules: 20,
  packetsAccepted: 1,
  packetsDropped: 2,
  probes: [],
};

type Known = Arrived & { readonly privateKey: KeyObject };

describe.each(databaseKinds())('reports of one moment on $name', ({ name, make }) => {
  let fresh: FreshDatabase;
  let database: Database;
  let audit: Audit;
  let reports: Reports;
  let agents: Known[];

  beforeEach(async () => {
    fresh = await make();
    database = await openDatabase(fresh.address);
    audit = new Audit(database, () => desiredAt);
    const desiredStates = new DesiredStates(database, new DesiredStateSeal(new Sealer(Buffer.alloc(32, 1))));
    const arrival = new Arrival({ database, audit, now: () => desiredAt, home: 'HOME', desiredStates });
    reports = new Reports({ database, audit, now: () => desiredAt + 5, desiredStates });
    agents = await enrolled(arrival, 12);
    await desiredIsolated(agents);
  });

  afterEach(async () => {
    await database.close();
    await fresh.remove();
  });

  it('are all stored, and end what each of them ends', async () => {
    const recorded = await Promise.all(agents.map((agent) => report(agent, { epoch: 2, isolation: 'isolated' })));
    expect(new Set(recorded.map((one) => one.isolatedAfterMs))).toEqual(new Set([5]));
    expect(await states()).toEqual({ done: agents.length });
    expect(await isolations()).toEqual({ isolated: agents.length });
    expect(await announced('command.done')).toBe(agents.length);
  });

  it('are judged one by one: an agent that lies loses its own report only', async () => {
    const [liar, ...others] = agents;
    if (liar === undefined) throw new Error('There is no agent.');
    const lie = report(liar, { epoch: 99, isolation: 'isolated' });
    const outcomes = await Promise.allSettled([
      lie,
      ...others.map((one) => report(one, { epoch: 2, isolation: 'isolated' })),
    ]);
    expect(outcomes.map((one) => one.status)).toEqual(['rejected', ...others.map(() => 'fulfilled')]);
    await expect(lie).rejects.toThrow('a desired state that was never sent');
    expect(await states()).toEqual({ pending: 1, done: others.length });
  });

  it('do not end a command that is newer than what an agent reports', async () => {
    const [first] = agents;
    if (first === undefined) throw new Error('There is no agent.');
    await Promise.all([
      report(first, { epoch: 1, isolation: 'isolated' }),
      ...agents.slice(1).map((one) => report(one, { epoch: 2, isolation: 'isolated' })),
    ]);
    expect(await states()).toEqual({ pending: 1, done: agents.length - 1 });
  });

  it('keep the order of two from one agent', async () => {
    const [first] = agents;
    if (first === undefined) throw new Error('There is no agent.');
    await Promise.all([
      report(first, { epoch: 2, isolation: 'unproven', problem: 'The kernel answered EBUSY.', proof: null }),
      ...agents.slice(1).map((one) => report(one, { epoch: 2, isolation: 'isolated' })),
      report(first, { epoch: 2, isolation: 'isolated' }),
    ]);
    expect(await states()).toEqual({ done: agents.length });
    expect(await announced('command.failed')).toBe(1);
    expect(await isolations()).toEqual({ isolated: agents.length });
  });

  it('are written into the audit one after the other, and the chain holds', async () => {
    const tampering = { count: 3, lastAt: desiredAt };
    await Promise.all(agents.map((one) => report(one, { epoch: 2, isolation: 'isolated', tampering })));
    const rows = await audit.list(0, 100);
    const lines = rows.map((row) => Object.assign(row, { requestId: row.request_id }));
    const targets = lines.filter((line) => line.act === 'tampering').map((line) => line.target);
    expect(targets.toSorted()).toEqual(agents.map((one) => `${one.entityId} (${one.hostName})`).toSorted());
    const { publicKey } = generateKeyPairSync('ed25519');
    expect(verifyChain(lines, [], publicKey)).toMatchObject({ problem: undefined, lines: lines.length });
  });

  it('that the database refuses do not take the others with them', async () => {
    const [odd, ...others] = agents;
    if (odd === undefined) throw new Error('There is no agent.');
    // PostgreSQL cannot store NUL in a text; SQLite can, and then nothing is refused.
    const outcomes = await Promise.allSettled([
      report(odd, { epoch: 2, isolation: 'unproven', problem: 'a\u0000b', proof: null }),
      ...others.map((one) => report(one, { epoch: 2, isolation: 'isolated' })),
    ]);
    expect(outcomes[0]?.status).toBe(name === 'PostgreSQL' ? 'rejected' : 'fulfilled');
    expect(outcomes.slice(1).every((one) => one.status === 'fulfilled')).toBe(true);
    expect(await isolations()).toMatchObject({ isolated: others.length });
  });

  async function enrolled(arrival: Arrival, count: number): Promise<Known[]> {
    const parts = {
      database,
      audit,
      now: () => desiredAt,
      publicKeyPins: () => [`${'a'.repeat(43)}=`],
      installLine: () => Promise.resolve(null),
    };
    const where = { gateways: () => [{ host: '192.0.2.1', port: 8443 }], signingKey: 'k'.repeat(60) };
    const made = await makeEnrolmentToken({ ...parts, ...where }, admin, { uses: count });
    const { secret } = readEnrolmentToken(made.token);
    const all: Known[] = [];
    for (let at = 0; at < count; at += 1) {
      const { publicKey, privateKey } = generateKeyPairSync('ed25519');
      const hostName = `pc${at}`;
      const facts = { hostName, addresses: [], macs: [], product: 'SLF_PRODUCT_OFFICESCAN_CE', platform: 'Debian' };
      const rest = { agentVersion: '1', adDomain: '', folder: 'Workgroup', canIsolate: true };
      const desired = await arrival.enrol(admin, {
        secret,
        publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
        facts: { ...facts, ...rest },
      });
      const { number, entity_id: entityId, enrolment } = desired;
      all.push({ number, entityId, enrolment, hostName, publicKey, privateKey, objectsRevision: 0, desired });
    }
    return all;
  }

  async function desiredIsolated(all: readonly Known[]): Promise<void> {
    const ordered = all.map(({ number }) => ({ number, epoch: 2, held: false }));
    await database.write(async (tx) => {
      const desired = {
        desired_isolation: 'isolated',
        desired_epoch: 2,
        isolation_epoch: 2,
        desired_at: desiredAt,
      } as const;
      await tx.updateTable('agents').set(desired).execute();
      await recordCommands(tx, { act: 'isolate', requestedBy: 'user:admin', now: desiredAt }, ordered);
    });
  }

  function report(
    agent: Known,
    what: Pick<Report, 'epoch' | 'isolation'> & Partial<Report>,
  ): ReturnType<Reports['record']> {
    const { entityId, enrolment, privateKey } = agent;
    const said: Report = {
      agent: entityId,
      enrolment,
      proof,
      problem: null,
      installed: true,
      objectsRevision: 0,
      publicKeyPins: [`${'a'.repeat(43)}=`],
      at: desiredAt,
      ...what,
    };
    return reports.record(agent, signDocument('report', said, privateKey));
  }

  async function states(): Promise<Record<string, number>> {
    return counted((await listCommands(database, { agent: undefined, scope: [], limit: 100 })).map((one) => one.state));
  }

  async function isolations(): Promise<Record<string, number>> {
    const rows = await Promise.all(agents.map((agent) => agentByNumber(database.read, agent.number)));
    return counted(rows.map((row) => (row === undefined ? 'removed' : isolationOf(row))));
  }

  async function announced(kind: string): Promise<number> {
    const rows = await database.read.selectFrom('event_outbox').select('kind').where('kind', '=', kind).execute();
    return rows.length;
  }
});

function counted(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
