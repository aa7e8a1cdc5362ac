/** Acts under the guard, on both databases: held, approved, with options, released by the endpoint itself. */
import { setTimeout } from 'node:timers/promises';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { verifyChain } from '@cordon/protocol/audit-chain';
import { signDocument } from '@cordon/protocol/channel';
import type { Report } from '@cordon/protocol/channel';
import type { ActOutcome, ActSelector } from '@cordon/protocol/console';
import { databaseKinds } from '../../../../test/harness/databases.ts';
import type { FreshDatabase } from '../../../../test/harness/databases.ts';
import { Audit } from '../audit/audit.ts';
import { Checkpoints } from '../audit/checkpoints.ts';
import { listCommands } from '../commands/commands.ts';
import { openDatabase } from '../database/database.ts';
import type { Database } from '../database/database.ts';
import { Guard } from '../guard/guard.ts';
import { Profiles } from '../profiles/profiles.ts';
import { signingKey } from '../secrets/signing-key.ts';
import { Sealer } from '../secrets/sealing.ts';
import { Acts } from './acts.ts';
import { Agents } from '../agents/agents.ts';
import { agentForChange } from '../agents/table.ts';
import { Arrival } from '../enrolment/arrival.ts';
import { Reports } from '../reports/reports.ts';
import { makeEnrolmentToken } from '../enrolment/tokens.ts';
import { isolationOf } from '../agents/isolation.ts';
import type { ListedAgent } from '../agents/rows.ts';
import type { SealedDesiredState } from '../database/rows.ts';
import { DesiredStateSeal } from '../desired-state/seal.ts';
import { DesiredStates } from '../desired-state/desired-states.ts';
import { readEnrolmentToken } from '@cordon/protocol/channel';

const product = 'SLF_PRODUCT_OFFICESCAN_CE';
const application = { name: 'application:A', source: '127.0.0.1', requestId: 'r1' };
const admin = { name: 'user:admin', source: '127.0.0.1', requestId: 'r2' };
const other = { name: 'user:other', source: '127.0.0.1', requestId: 'r3' };
const unlimited = { role: 'Administrator', scope: [] } as const;

describe.each(databaseKinds())('on $name', ({ make }) => {
  let fresh: FreshDatabase;
  let site: Site;

  beforeEach(async () => {
    fresh = await make();
    site = new Site(await openDatabase(fresh.address));
  });

  afterEach(async () => {
    await site.close();
    await fresh.remove();
  });

  it('lets one isolation pass, records it, and notifies the agent after the commit', async () => {
    await site.enrol('pc1');
    const [before] = await site.acts.byApplication(application, isolate({ host_name: 'PC1' }));
    expect(before && isolationOf(before)).toBe('normal');
    expect(site.sent.map((desired) => [desired.desired_isolation, desired.desired_epoch])).toEqual([['isolated', 2]]);
    expect(await site.isolationOf('pc1')).toBe('isolating');
    expect(
      (await listCommands(site.database, { agent: undefined, scope: [], limit: 10 })).map((one) => [
        one.act,
        one.state,
      ]),
    ).toEqual([['isolate', 'pending']]);
  });

  it('holds an act on more than half of a larger fleet: nothing changes, and it waits for a second person', async () => {
    for (let at = 1; at <= 22; at += 1) await site.enrol(`pc${at}`);
    const act = site.acts.byApplication(application, isolate({ product }));
    await expect(act).rejects.toMatchObject({
      reason: 'guard-too-many',
      message: expect.stringMatching(
        /^22 of 22 endpoints would be isolated at once \(100 %\).*Nothing was changed. A second person can approve this: "cordon approvals approve (\d+)"/,
      ),
    });
    expect(site.sent).toEqual([]);
    expect(await site.isolationOf('pc1')).toBe('normal');
    expect(await listCommands(site.database, { agent: undefined, scope: [], limit: 100 })).toEqual([]);
    const approvals = await site.guard.approvals([]);
    expect(approvals).toMatchObject([{ act: 'isolate', requestedBy: application.name, agents: 22, state: 'pending' }]);
    expect((await site.lines()).filter((line) => line.act === 'hold-isolate')).toHaveLength(1);
  });

  it('judges a selection of many endpoints once: one approval, one line of the audit that names them', async () => {
    const enrolled = [];
    for (let at = 1; at <= 22; at += 1) enrolled.push(await site.enrol(`pc${at}`));
    const entityIds = enrolled.slice(0, 21).map((one) => one.entityId.toUpperCase());
    const held = await site.acts.byPerson(other, { act: 'isolate', selector: { entityIds }, allowMultiple: true }, []);
    expect(held).toMatchObject({ guard: [{ rule: expect.any(String) }] });
    expect(held.affected).toHaveLength(21);
    expect(await site.guard.approvals([])).toMatchObject([{ agents: 21 }]);
    await site.acts.approve(admin, held.approval ?? 0, unlimited);
    expect(site.sent).toHaveLength(21);
    const [line, ...more] = (await site.lines()).filter(({ act }) => act === 'isolate');
    expect(more).toEqual([]);
    expect(line?.target).toContain('(pc1), ');
  });

  it('selects by folder, by group and by search, all of which must fit', async () => {
    await site.enrol('pc1');
    await site.enrol('lab1');
    const named = async (selector: ActSelector): Promise<string[]> => {
      const { affected } = await site.acts.preview(admin, { act: 'isolate', selector }, []);
      return affected.map((one) => one.hostName);
    };
    expect(await named({ folder: 'Workgroup' })).toEqual(['pc1', 'lab1']);
    expect(await named({ folder: 'Workgroup\\Paris' })).toEqual([]);
    expect(await named({ group: 'default', search: 'LAB work' })).toEqual(['lab1']);
    expect(await named({ group: 'default', search: '%' })).toEqual([]);
  });

  it('takes folder and group as they are spelt, and everything else in any letter case', async () => {
    await site.enrol('pc1');
    const count = async (selector: ActSelector): Promise<number> =>
      (await site.acts.preview(admin, { act: 'isolate', selector }, [])).affected.length;
    expect(await count({ hostName: 'PC1', product: 'slf_product_officescan_ce', search: 'WORKGROUP' })).toBe(1);
    expect(await count({ hostName: 'pc1', folder: 'workgroup' })).toBe(0);
    expect(await count({ hostName: 'pc1', group: 'Default' })).toBe(0);
  });

  it('says which of the given IDs match nothing, also those outside the folders of the account', async () => {
    const [one, two] = [await site.enrol('pc1'), await site.enrol('pc2')];
    await site.move(two.number, 'Elsewhere');
    const selector = { entityIds: [one.entityId, 'NOBODY', two.entityId] };
    const request = { act: 'isolate', selector, allowMultiple: true } as const;
    const notFound = ['nobody', two.entityId];
    expect(await site.acts.preview(admin, request, ['Workgroup'])).toMatchObject({ notFound });
    const outcome = await site.acts.byPerson(admin, request, ['Workgroup']);
    expect(outcome.affected.map((agent) => agent.hostName)).toEqual(['pc1']);
    expect(outcome.notFound).toEqual(notFound);
  });

  it('writes the selector down, of an act that was done and of one that was held', async () => {
    const [one, two] = [await site.enrol('pc1'), await site.enrol('pc2')];
    await site.protect('pc2');
    const entityIds = [one.entityId, two.entityId];
    await site.acts.byPerson(admin, { act: 'isolate', selector: { hostName: 'PC1', folder: 'Workgroup' } }, []);
    await site.acts.byPerson(admin, { act: 'isolate', selector: { entityIds }, allowMultiple: true }, []);
    const detailOf = async (act: string): Promise<unknown> =>
      JSON.parse((await site.lines()).find((line) => line.act === act)?.detail ?? '{}');
    expect(await detailOf('isolate')).toMatchObject({ selector: { hostName: 'pc1', folder: 'Workgroup' } });
    expect(await detailOf('hold-isolate')).toMatchObject({ selector: { entityIds: 2 } });
  });

  it('neither reads nor locks an agent outside the folders of the account', async () => {
    const [inside, outside] = [await site.enrol('pc1'), await site.enrol('pc2')];
    await site.move(outside.number, 'Elsewhere');
    const request = { act: 'isolate', selector: { product }, allowMultiple: true } as const;
    const perform = (): Promise<ActOutcome> => site.acts.byPerson(admin, request, ['Workgroup']);
    // SQLite has one writer, and no row locks.
    const outcome = site.database.isShared ? await site.whileLocked(outside.number, perform) : await perform();
    expect(outcome.affected.map((agent) => agent.agent)).toEqual([inside.entityId]);
  });

  it('approves nothing for an endpoint that leaves the folders of the approver before its row is locked', async () => {
    const { number } = await site.enrol('dc1');
    await site.protect('dc1');
    const { approval } = await site.acts.byPerson(other, { act: 'isolate', selector: { hostName: 'dc1' } }, []);
    const limited = { role: 'Operator', scope: ['Workgroup'] } as const;
    let approved: Promise<unknown> = Promise.resolve();
    await site.database.write(async (tx) => {
      await tx.updateTable('agents').set({ folder: 'Elsewhere' }).where('number', '=', number).execute();
      approved = site.acts.approve(admin, approval ?? 0, limited);
      approved.catch(() => undefined); // Expected below.
      await site.someoneWaits();
    });
    await expect(approved).rejects.toMatchObject({ reason: 'approval-unknown' });
    expect(await site.guard.approvals([])).toMatchObject([{ state: 'pending' }]);
    expect(site.sent).toEqual([]);
  });

  it('makes no second approval of the same act asked for again', async () => {
    await site.enrol('dc1');
    await site.protect('dc1');
    for (let times = 0; times < 3; times += 1) {
      await expect(site.acts.byApplication(application, isolate({ host_name: 'dc1' }))).rejects.toMatchObject({
        reason: 'guard-protected',
      });
    }
    expect(await site.guard.approvals([])).toHaveLength(1);
  });

  it('performs an approved act on the very agents that were matched then, with two persons behind it', async () => {
    await site.enrol('dc1');
    await site.protect('dc1');
    const held = await site.acts.byPerson(
      other,
      { act: 'isolate', selector: { hostName: 'dc1' }, forSeconds: 600 },
      [],
    );
    expect(held).toMatchObject({
      guard: [{ rule: 'protected' }],
      affected: [{ hostName: 'dc1', isolation: 'normal' }],
    });
    await site.enrol('dc1');
    site.time += 5000;
    await site.acts.approve(admin, held.approval ?? 0, unlimited);
    expect(site.sent).toHaveLength(1);
    expect(site.sent[0]).toMatchObject({
      desired_isolation: 'isolated',
      desired_approvals: 2,
      desired_deadline: site.time + 600_000,
    });
    expect((await listCommands(site.database, { agent: undefined, scope: [], limit: 10 }))[0]).toMatchObject({
      requestedBy: 'user:other + user:admin',
    });
  });

  it('lets nobody approve what they asked for, nor approve twice, nor approve what was rejected', async () => {
    await site.enrol('dc1');
    await site.protect('dc1');
    const { approval } = await site.acts.byPerson(admin, { act: 'isolate', selector: { hostName: 'dc1' } }, []);
    const id = approval ?? 0;
    await expect(site.acts.approve(admin, id, unlimited)).rejects.toMatchObject({ reason: 'same-person' });
    await site.acts.reject(other, id, unlimited);
    await expect(site.acts.approve(other, id, unlimited)).rejects.toMatchObject({ reason: 'approval-over' });
    await expect(site.acts.approve(other, 999, unlimited)).rejects.toMatchObject({ reason: 'approval-unknown' });
    expect(site.sent).toEqual([]);
  });

  it('requests another approval when the same act is requested with other options, and keeps the reason', async () => {
    await site.enrol('dc1');
    await site.protect('dc1');
    const one = await site.acts.byPerson(
      other,
      { act: 'isolate', selector: { hostName: 'dc1' }, forSeconds: 3600 },
      [],
    );
    const terms = { forSeconds: 60, message: 'hands off', reason: 'case 7' };
    const two = await site.acts.byPerson(other, { act: 'isolate', selector: { hostName: 'dc1' }, ...terms }, []);
    expect(two.approval).not.toBe(one.approval);
    expect((await site.guard.approvals([]))[0]).toMatchObject({
      reason: 'case 7',
      terms: JSON.stringify({ forSeconds: 60, message: 'hands off' }),
    });
    await site.acts.approve(admin, two.approval ?? 0, unlimited);
    const line = (await site.lines()).find((each) => each.act === 'isolate');
    expect(line?.detail).toContain(`"reason":"case 7 (approval ${two.approval})"`);
  });

  it('names the endpoints that were removed while the act waited, and has nothing to approve when all were', async () => {
    const [dc1] = [await site.enrol('dc1'), await site.enrol('dc2')];
    await site.protect('dc1');
    await site.protect('dc2');
    const ask = { act: 'isolate', selector: { product }, allowMultiple: true } as const;
    const held = await site.acts.byPerson(other, ask, []);
    const single = await site.acts.byPerson(other, { act: 'isolate', selector: { hostName: 'dc1' } }, []);
    await site.agents.remove(admin, dc1.entityId);
    await expect(site.acts.approve(admin, single.approval ?? 0, unlimited)).rejects.toMatchObject({
      reason: 'agents-gone',
    });
    const outcome = await site.acts.approve(admin, held.approval ?? 0, unlimited);
    expect(outcome.affected.map((each) => each.hostName)).toEqual(['dc2']);
    expect(outcome.leftOut).toMatchObject([{ hostName: 'dc1', why: 'This endpoint has been removed.' }]);
  });

  it('lets an approval expire after a day', async () => {
    await site.enrol('dc1');
    await site.protect('dc1');
    const { approval } = await site.acts.byPerson(other, { act: 'isolate', selector: { hostName: 'dc1' } }, []);
    site.time += 24 * 3_600_000 + 1;
    await expect(site.acts.approve(admin, approval ?? 0, unlimited)).rejects.toMatchObject({ reason: 'approval-over' });
    expect(await site.guard.approvals([])).toMatchObject([{ state: 'expired' }]);
  });

  it('previews the agents that an act would affect, those that are left out and why, and changes nothing', async () => {
    await site.enrol('pc1');
    await site.enrol('pc2', { canIsolate: false });
    const selector = { product };
    const outcome = await site.acts.preview(admin, { act: 'isolate', selector }, []);
    expect(outcome.affected.map((one) => one.hostName)).toEqual(['pc1']);
    expect(outcome.leftOut).toMatchObject([
      { hostName: 'pc2', why: expect.stringContaining('cannot isolate its endpoint') },
    ]);
    expect(outcome.approval).toBeNull();
    expect(await site.isolationOf('pc1')).toBe('normal');
    expect(site.sent).toEqual([]);
  });

  it('leaves the options of an isolation alone when an application asks for it again', async () => {
    await site.enrol('pc1');
    await site.acts.byPerson(
      admin,
      {
        act: 'isolate',
        selector: { hostName: 'pc1' },
        forSeconds: 60,
        message: 'hands off',
      },
      [],
    );
    await site.acts.byApplication(application, isolate({ host_name: 'pc1' }));
    expect(site.sent).toHaveLength(1);
    await site.acts.byPerson(admin, { act: 'isolate', selector: { hostName: 'pc1' }, forSeconds: 120 }, []);
    expect(site.sent.at(-1)).toMatchObject({ desired_epoch: 3, desired_deadline: site.time + 120_000 });
  });

  it('takes over that an endpoint has released itself by its deadline, and writes it down', async () => {
    const agent = await site.enrol('pc1');
    await site.acts.byPerson(admin, { act: 'isolate', selector: { hostName: 'pc1' }, forSeconds: 60 }, []);
    await site.report(agent, { epoch: 2, isolation: 'isolated' });
    expect(await site.isolationOf('pc1')).toBe('isolated');
    site.time += 60_000;
    const released = { by: 'deadline', at: site.time } as const;
    const { desired } = await site.report(agent, { epoch: 2, isolation: 'normal', released });
    expect(desired).toMatchObject({ desired_isolation: 'normal', desired_epoch: 3, desired_deadline: null });
    await site.report(agent, { epoch: 3, isolation: 'normal' });
    expect(await site.isolationOf('pc1')).toBe('normal');
    expect((await site.lines()).filter((line) => line.act === 'released-itself')).toMatchObject([
      { actor: `agent:${agent.entityId}`, detail: expect.stringContaining('"by":"deadline"') },
    ]);
    const commands = await listCommands(site.database, { agent: undefined, scope: [], limit: 10 });
    expect(commands.map((one) => [one.act, one.state])).toEqual([
      ['release', 'done'],
      ['isolate', 'done'],
    ]);
  });

  it('does not take over the release of an isolation that was requested again since', async () => {
    const agent = await site.enrol('pc1');
    await site.acts.byPerson(admin, { act: 'isolate', selector: { hostName: 'pc1' }, forSeconds: 60 }, []);
    await site.acts.byApplication(application, restore('pc1'));
    await site.acts.byApplication(application, isolate({ host_name: 'pc1' }));
    const released = { by: 'deadline', at: site.time } as const;
    const { desired } = await site.report(agent, { epoch: 2, isolation: 'normal', released });
    expect(desired).toBeUndefined();
    expect(await site.isolationOf('pc1')).toBe('isolating');
  });

  it('writes each tampering down once', async () => {
    const agent = await site.enrol('pc1');
    await site.acts.byApplication(application, isolate({ host_name: 'pc1' }));
    const tampering = { count: 2, lastAt: site.time };
    await site.report(agent, { epoch: 2, isolation: 'isolated', tampering });
    await site.report(agent, { epoch: 2, isolation: 'isolated', tampering });
    expect((await site.lines()).filter((line) => line.act === 'tampering')).toHaveLength(1);
  });

  it('sends a changed profile to the endpoints that are isolated under it, and to no others', async () => {
    const exceptions = [{ direction: 'out', protocol: 'tcp', network: '192.0.2.7', ports: null }] as const;
    await site.profiles.put(admin, 'forensics', { exceptions: [...exceptions] });
    await site.enrol('pc1');
    await site.enrol('pc2');
    await site.acts.byPerson(admin, { act: 'isolate', selector: { hostName: 'pc1' }, profile: 'forensics' }, []);
    await site.acts.byPerson(admin, { act: 'isolate', selector: { hostName: 'pc2' } }, []);
    await site.profiles.put(admin, 'forensics', { exceptions: [], dhcp: true });
    expect(site.renewed).toEqual([[], [1]]);
    const [renewed] = await site.desiredStates.of([1]);
    expect(renewed?.desired_epoch).toBe(3);
    expect(site.profiles.openings('forensics')).toEqual({
      name: 'forensics',
      exceptions: [],
      dhcp: true,
      changedAt: site.time,
    });
  });

  it('applies no desired state that was written into the database by somebody else', async () => {
    const { number } = await site.enrol('pc1');
    await site.database.write((tx) =>
      tx
        .updateTable('agents')
        .set({ desired_isolation: 'isolated', desired_epoch: 2 })
        .where('number', '=', number)
        .execute(),
    );
    const [forged] = await site.desiredStates.of([number]);
    expect(forged && site.seal.fits(forged)).toBe(false);
  });

  it('replaces a forged desired state completely by the next act, and says so in the audit', async () => {
    const { number } = await site.enrol('pc1');
    const forge = { desired_isolation: 'isolated', desired_installed: 0, desired_epoch: 7 } as const;
    await site.database.write((tx) => tx.updateTable('agents').set(forge).where('number', '=', number).execute());
    await site.acts.byApplication(application, isolate({ host_name: 'pc1' }));
    expect(site.sent).toMatchObject([{ desired_isolation: 'isolated', desired_installed: 1, desired_epoch: 8 }]);
    const [desired] = await site.desiredStates.of([number]);
    expect(desired && site.seal.fits(desired)).toBe(true);
    expect((await site.lines()).filter((line) => line.act === 'desired-state-forged')).toHaveLength(1);
  });

  it('does not make a forged isolation its own by relocating the agent', async () => {
    const { number } = await site.enrol('pc1');
    const forge = { desired_isolation: 'isolated', desired_epoch: 7 } as const;
    await site.database.write((tx) => tx.updateTable('agents').set(forge).where('number', '=', number).execute());
    const body = {
      act: 'cmd_relocate_agent',
      allow_multiple_match: true,
      host_name: 'pc1',
      relocate_to_folder_path: 'x',
    };
    await site.acts.byApplication(application, body);
    expect(site.sent).toEqual([]);
  });

  it('seals many desired states in one act', async () => {
    for (let at = 1; at <= 12; at += 1) await site.enrol(`pc${at}`);
    await site.acts.byApplication(application, isolate({ product }));
    const desiredStates = await site.desiredStates.of(site.sent.map((desired) => desired.number));
    expect(desiredStates.map((desired) => site.seal.fits(desired))).toEqual(Array.from({ length: 12 }, () => true));
    expect(new Set(desiredStates.map((desired) => desired.desired_seal))).toEqual(
      new Set(site.sent.map((desired) => desired.desired_seal)),
    );
  });

  it('keeps an audit whose chain and signatures hold over all of it', async () => {
    const agent = await site.enrol('pc1');
    await Promise.all([
      site.acts.byApplication(application, isolate({ host_name: 'pc1' })),
      site.guard.change(admin, { ...(await site.guard.settings()), perPersonPerHour: 5 }),
      site.profiles.put(admin, 'a', { exceptions: [] }),
    ]);
    await site.report(agent, { epoch: 2, isolation: 'isolated' });
    const { publicKey, checkpoints } = await site.signed();
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
    const lines = await site.lines();
    expect(lines.length).toBeGreaterThan(4);
    expect(verifyChain(lines, checkpoints, key)).toMatchObject({ problem: undefined, signedUpTo: lines.length });
  });
});

type Body = Parameters<Acts['byApplication']>[1];

function isolate(selector: Partial<Body>): Body {
  return { act: 'cmd_isolate_agent', allow_multiple_match: true, ...selector };
}

function restore(host: string): Body {
  return { act: 'cmd_restore_isolated_agent', allow_multiple_match: true, host_name: host };
}

interface Enrolled {
  readonly number: number;
  readonly entityId: string;
  readonly enrolment: string;
  readonly keys: { publicKey: KeyObject; privateKey: KeyObject };
  readonly desired: SealedDesiredState;
}

const proof: NonNullable<Report['proof']> = {
  digest: 'a'.repeat(64),
  level: 'owner-persist',
  chains: 5,
  rules: 20,
  packetsAccepted: 1,
  packetsDropped: 2,
  probes: [],
};

/** The rooms that acts need, over one database, with a clock that the test moves. */
class Site {
  time = 1_800_000_000_000;
  readonly sent: SealedDesiredState[] = [];
  readonly renewed: number[][] = [];
  readonly seal = new DesiredStateSeal(new Sealer(Buffer.alloc(32, 1)));
  readonly database: Database;
  readonly audit: Audit;
  readonly guard: Guard;
  readonly profiles: Profiles;
  readonly acts: Acts;
  readonly desiredStates: DesiredStates;
  readonly agents: Agents;
  readonly arrival: Arrival;
  readonly reports: Reports;
  readonly #now = (): number => this.time;

  constructor(database: Database) {
    const now = this.#now;
    this.database = database;
    this.audit = new Audit(database, now);
    const { audit } = this;
    this.desiredStates = new DesiredStates(database, this.seal);
    this.guard = new Guard({ database, audit, now, keyHolders: async () => ['user:owner'] });
    this.profiles = new Profiles({
      database,
      audit,
      now,
      renewDesired: (tx, profile, at) => this.desiredStates.renewUnder(tx, profile, at),
      publish: (event) => {
        if (event.kind === 'desired-renewed') this.renewed.push([...event.agents]);
      },
    });
    this.agents = new Agents({ database, audit, now });
    this.arrival = new Arrival({ database, audit, now, home: 'HOME', desiredStates: this.desiredStates });
    this.reports = new Reports({ database, audit, now, desiredStates: this.desiredStates });
    this.acts = new Acts({
      database,
      audit,
      guard: this.guard,
      desiredStates: this.desiredStates,
      now,
      serverExists: () => true,
      profileExists: (name) => this.profiles.exists(name),
      publish: (event) => {
        if (event.kind === 'desired-changed') this.sent.push(...event.desired);
      },
    });
  }

  async enrol(hostName: string, more: { canIsolate?: boolean } = {}): Promise<Enrolled> {
    const parts = {
      database: this.database,
      audit: this.audit,
      now: this.#now,
      publicKeyPins: () => [`${'a'.repeat(43)}=`],
      installLine: () => Promise.resolve(null),
    };
    const where = { gateways: () => [{ host: '192.0.2.1', port: 8443 }], signingKey: 'k'.repeat(60) };
    const made = await makeEnrolmentToken({ ...parts, ...where }, admin, {});
    const { secret } = readEnrolmentToken(made.token);
    const keys = generateKeyPairSync('ed25519');
    const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    const facts = { hostName, addresses: [], macs: [], product, platform: 'Debian' };
    const rest = { agentVersion: '1', adDomain: '', folder: 'Workgroup', canIsolate: more.canIsolate ?? true };
    const desired = await this.arrival.enrol(admin, { secret, publicKey, facts: { ...facts, ...rest } });
    return { number: desired.number, entityId: desired.entity_id, enrolment: desired.enrolment, keys, desired };
  }

  async move(number: number, folder: string): Promise<void> {
    await this.database.write((tx) => tx.updateTable('agents').set({ folder }).where('number', '=', number).execute());
  }

  /** Runs `work` while another transaction holds the row of this agent. */
  whileLocked<T>(number: number, work: () => Promise<T>): Promise<T> {
    return this.database.write(async (tx) => {
      await agentForChange(tx, this.database, number);
      return work();
    });
  }

  /** Resolves once a transaction waits for a row lock; on SQLite at once, because writers queue there. */
  async someoneWaits(): Promise<void> {
    const query = sql<{ count: number }>`select count(*) as count from pg_locks where not granted`;
    while (this.database.isShared && (await query.execute(this.database.read)).rows[0]?.count === 0) {
      await setTimeout(10);
    }
  }

  async protect(hostName: string): Promise<void> {
    const [agent] = await this.#named(hostName);
    await this.agents.protect(admin, agent?.entity_id ?? '', true);
  }

  report(
    agent: Enrolled,
    what: Pick<Report, 'epoch' | 'isolation'> & Partial<Report>,
  ): Promise<Awaited<ReturnType<Reports['record']>>> {
    const report: Report = {
      agent: agent.entityId,
      enrolment: agent.enrolment,
      proof: what.isolation === 'isolated' ? proof : null,
      problem: null,
      installed: true,
      objectsRevision: 0,
      publicKeyPins: [`${'a'.repeat(43)}=`],
      at: this.time,
      ...what,
    };
    const arrived = { ...agent, hostName: 'PC', objectsRevision: 0, publicKey: agent.keys.publicKey };
    return this.reports.record(arrived, signDocument('report', report, agent.keys.privateKey));
  }

  async isolationOf(hostName: string): Promise<string | undefined> {
    const [row] = await this.#named(hostName);
    return row && isolationOf(row);
  }

  async lines(): Promise<(Awaited<ReturnType<Audit['list']>>[number] & { requestId: string })[]> {
    const rows = await this.audit.list(0, 1000);
    return rows.map((row) => Object.assign(row, { requestId: row.request_id }));
  }

  async signed(): ReturnType<Checkpoints['list']> {
    const key = await signingKey(this.database, new Sealer(Buffer.alloc(32, 1)));
    const checkpoints = new Checkpoints({ database: this.database, key, now: this.#now });
    await checkpoints.close();
    return checkpoints.list();
  }

  async close(): Promise<void> {
    await this.audit.close();
    await this.database.close();
  }

  async #named(hostName: string): Promise<ListedAgent[]> {
    return (await this.agents.lookUp({ hostName })) ?? [];
  }
}
