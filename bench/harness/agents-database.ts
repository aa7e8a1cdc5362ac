/** A database with many enrolled agents, written straight through the server's own store. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../packages/server/src/database/database.ts';
import type { Database, Row } from '../../packages/server/src/database/database.ts';
import { putSearchable } from '../../packages/server/src/agents/list-queries.ts';
import { DesiredStateSeal } from '../../packages/server/src/desired-state/seal.ts';
import { masterKey } from '../../packages/server/src/secrets/master-key.ts';
import { Sealer } from '../../packages/server/src/secrets/sealing.ts';

export interface Enrolled {
  readonly entityId: string;
  readonly enrolment: string;
  readonly hostName: string;
}

export interface AgentsDatabase {
  /** A data directory for a server. */
  readonly data: string;
  /** The environment to start the server with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly agents: readonly Enrolled[];
  /** One key for all agents; they differ in everything else that the server checks. */
  readonly privateKey: KeyObject;
  remove(): Promise<void>;
}

const inOneStatement = 500;

/**
 * With `count` agents, each with an address, a hardware address, and a last report as long as a real one. A SQLite file,
 * or the empty PostgreSQL database whose address is given.
 */
export async function makeAgentsDatabase(count: number, address?: string): Promise<AgentsDatabase> {
  const data = await mkdtemp(join(tmpdir(), 'cordon-bench-'));
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  const seal = new DesiredStateSeal(new Sealer(await masterKey(data, undefined)));
  const rows = Array.from({ length: count }, (_, index) => sealed(agentRow(index + 1, der), seal));
  const database = await openDatabase(address ?? join(data, 'cordon.sqlite'));
  await insertAll(database, rows);
  await database.close();
  const agents = rows.map((row) => ({ entityId: row.entity_id, enrolment: row.enrolment, hostName: row.host_name }));
  const environment: Record<string, string> = address === undefined ? {} : { CORDON_DATABASE: address };
  return { data, environment, agents, privateKey, remove: () => rm(data, { recursive: true, force: true }) };
}

async function insertAll(database: Database, rows: readonly Row<'agents'>[]): Promise<void> {
  await database.write(async (tx) => {
    for (let start = 0; start < rows.length; start += inOneStatement) {
      const some = rows.slice(start, start + inOneStatement);
      await tx.insertInto('agents').values(some).execute();
      for (const row of some) await putSearchable(tx, row);
      const addresses = some.flatMap((row) => [
        { agent_number: row.number, kind: 'ip' as const, address: row.ip_addresses },
        { agent_number: row.number, kind: 'mac' as const, address: row.mac_addresses },
      ]);
      await tx.insertInto('agent_addresses').values(addresses).execute();
      const presence = some.map((row) => ({
        agent_number: row.number,
        server_id: row.server_id,
        connected: 0 as const,
        seen_at: row.enrolled_at,
      }));
      await tx.insertInto('presence').values(presence).execute();
    }
  });
}

function sealed(row: Row<'agents'>, seal: DesiredStateSeal): Row<'agents'> {
  return { ...row, desired_seal: seal.of(row) };
}

const home = randomUUID().toUpperCase();
/** As long as the signed report of an isolated agent. */
const report = JSON.stringify({ document: 'x'.repeat(640), signature: 'y'.repeat(88) });

function agentRow(number: number, publicKey: string): Row<'agents'> {
  const hex = number.toString(16).padStart(6, '0').toUpperCase();
  const pairs = hex.match(/../g) ?? [];
  const hostName = `CLIENT-${String(number).padStart(6, '0')}`;
  return {
    number,
    entity_id: randomUUID(),
    enrolment: randomUUID(),
    public_key: publicKey,
    product: 'SLF_PRODUCT_OFFICESCAN_CE',
    server_id: home,
    ad_domain: '',
    folder: 'Workgroup',
    ip_addresses: `10.${pairs.map((pair) => Number.parseInt(pair, 16)).join('.')}`,
    mac_addresses: `02-00-00-${pairs.join('-')}`,
    host_name: hostName,
    host_name_key: hostName.toLowerCase(),
    platform: 'Debian GNU/Linux 12 (bookworm)',
    agent_version: '0.1.0',
    can_isolate: 1,
    desired_isolation: 'normal',
    desired_epoch: 1,
    isolation_epoch: 0,
    desired_installed: 1,
    desired_at: 1_700_000_000_000,
    desired_deadline: null,
    desired_profile: null,
    desired_message: null,
    desired_approvals: 1,
    protected: 0,
    tampering_count: 0,
    tampering_at: null,
    desired_seal: '',
    reported_isolation: 'normal',
    reported_epoch: 1,
    reported_at: 1_700_000_000_000,
    report,
    problem: null,
    objects_revision: 0,
    object_status: null,
    group_name: 'default',
    enrolled_at: 1_700_000_000_000 + number * 1000,
    removed_at: null,
  };
}
