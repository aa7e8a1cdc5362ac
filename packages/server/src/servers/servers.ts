/** Managing servers: this node, its peers, and their addresses for agents. */
import { randomUUID } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { defaultProduct } from '@cordon/protocol/automation';
import type { ProductServer, ServerQuery } from '@cordon/protocol/automation';
import type { GatewayAddress } from '@cordon/protocol/channel';
import type { ManagingServer } from '@cordon/protocol/console';
import type { Address } from '../config.ts';
import type { Database, Queries, Row } from '../database/database.ts';
import { fromJson, toJson } from '../database/json.ts';
import { readIfThere, writePrivately } from '../secrets/private-file.ts';
import { allServers, putServer, touchServer } from './queries.ts';

export interface ServersDeps {
  readonly database: Database;
  readonly id: string;
  /** Of the certificate that this node shows now. */
  readonly certificate: () => { readonly fingerprint: string; readonly publicKeyPin: string };
  readonly advertise: readonly Address[];
  readonly now: () => number;
  readonly version: string;
  /** Gives every agent a new epoch, in the same transaction: their desired states now name other addresses. */
  readonly renewDesired: (tx: Queries, now: number) => Promise<void>;
}

const beatMilliseconds = 10_000;
/** A desired state names no more (protocol/channel); otherwise stopped nodes would fill it. */
const maxGateways = 64;

export class Servers {
  readonly #deps: ServersDeps;
  readonly #timer: NodeJS.Timeout;
  #known: readonly Row<'servers'>[] = [];

  constructor(deps: ServersDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.beat(), beatMilliseconds).unref();
  }

  /** This node's own ID. */
  get id(): string {
    return this.#deps.id;
  }

  /** Stores this node, or its changed addresses, in the database. */
  async register(): Promise<void> {
    const { database, id, now, version } = this.#deps;
    const gateways = toJson<unknown>(await resolved(this.#deps.advertise));
    const at = now();
    const row = { id, host_name: hostname(), product: defaultProduct, gateways, ...this.#shownKey(), version };
    await database.write(async (tx) => {
      const before = await putServer(tx, { ...row, started_at: at, seen_at: at });
      if (before?.gateways !== gateways) await this.#deps.renewDesired(tx, at);
    });
    await this.refresh();
  }

  async refresh(): Promise<void> {
    this.#known = await allServers(this.#deps.database.read);
  }

  /** Every address at which an agent may reach a server. */
  addresses(): string[] {
    return this.#known.flatMap((server) => gatewaysOf(server).map((gateway) => gateway.address));
  }

  exists(id: string): boolean {
    return this.#known.some((server) => server.id === id.toUpperCase());
  }

  /** Where an agent whose home is `home` may connect: home first, then the others, the last started first. */
  gatewaysFor(home: string): GatewayAddress[] {
    const homeFirst = [...this.#known].sort(
      (a, b) => Number(b.id === home) - Number(a.id === home) || b.started_at - a.started_at,
    );
    return homeFirst
      .flatMap((server) => gatewaysOf(server).map(({ address, port }) => ({ server: server.id, address, port })))
      .slice(0, maxGateways);
  }

  /** Where an endpoint that is enrolled now finds the other nodes that are alive. */
  otherGateways(): Address[] {
    const { id, now } = this.#deps;
    return this.#known
      .filter((server) => server.id !== id && isAlive(server, now()))
      .flatMap((server) => gatewaysOf(server).map(({ address, port }) => ({ host: address, port })));
  }

  /** All given conditions must match, ignoring letter case; an address may be any of a server's. */
  list(query: ServerQuery): ProductServer[] {
    const [id, name] = [lower(query.entity_id), lower(query.host_name)];
    const [ip, product] = [lower(query.ip_address), lower(query.product)];
    return this.#known
      .filter((server) => id === '' || server.id.toLowerCase() === id)
      .filter((server) => name === '' || server.host_name.toLowerCase() === name)
      .filter((server) => product === '' || server.product.toLowerCase() === product)
      .map(productServer)
      .filter((server) => ip === '' || server.ip_address_list.toLowerCase().split(',').includes(ip));
  }

  /** All servers, as the database has them now. */
  async shown(): Promise<ManagingServer[]> {
    const { database, id, now } = this.#deps;
    return (await allServers(database.read)).map((server) => ({
      id: server.id,
      hostName: server.host_name,
      product: server.product,
      gateways: gatewaysOf(server).map(({ address, port }) =>
        address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
      ),
      fingerprint: server.fingerprint,
      version: server.version,
      startedAt: server.started_at,
      seenAt: server.seen_at,
      alive: isAlive(server, now()),
      current: server.id === id,
    }));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Stores that this node is alive, and which key it shows. */
  async beat(): Promise<void> {
    const { database, id, now } = this.#deps;
    try {
      await database.write((tx) => touchServer(tx, id, { seen_at: now(), ...this.#shownKey() }));
      await this.refresh();
    } catch (error) {
      process.emitWarning(`This node could not write its heartbeat: ${String(error)}`);
    }
  }

  #shownKey(): { fingerprint: string; public_key_pin: string } {
    const { fingerprint, publicKeyPin } = this.#deps.certificate();
    return { fingerprint, public_key_pin: publicKeyPin };
  }
}

/** The public keys that running nodes show now, by their own heartbeats. */
export async function shownPublicKeyPins(read: Queries, now: number): Promise<string[]> {
  const alive = (await allServers(read)).filter((server) => isAlive(server, now));
  return [...new Set(alive.map((server) => server.public_key_pin))];
}

function isAlive(server: Row<'servers'>, now: number): boolean {
  return server.seen_at > now - 3 * beatMilliseconds;
}

function lower(given: string | undefined): string {
  return (given ?? '').trim().toLowerCase();
}

/**
 * The ID of the node whose data is in `directory`, created at its first start. Upper case, like the IDs of real
 * servers.
 */
export async function serverId(directory: string): Promise<string> {
  const file = join(directory, 'server-id');
  const kept = await readIfThere(file);
  if (kept !== undefined) return kept.trim();
  const id = randomUUID().toUpperCase();
  await writePrivately(file, `${id}\n`);
  return id;
}

/** For a restored node: it is the one that its agents know, unless this directory has another already. */
export async function keepServerId(directory: string, id: string): Promise<void> {
  const file = join(directory, 'server-id');
  if ((await readIfThere(file)) === undefined) await writePrivately(file, `${id}\n`);
}

/** Literal addresses only: an isolated endpoint cannot resolve names. */
async function resolved(advertise: readonly Address[]): Promise<{ address: string; port: number }[]> {
  const found: { address: string; port: number }[] = [];
  for (const { host, port } of advertise) {
    const addresses = isIP(host) === 0 ? (await lookup(host, { all: true })).map((one) => one.address) : [host];
    found.push(...addresses.map((address) => ({ address, port })));
  }
  return found;
}

function productServer(server: Row<'servers'>): ProductServer {
  const addresses = new Set(gatewaysOf(server).map((gateway) => gateway.address));
  return {
    entity_id: server.id,
    product: server.product,
    ad_domain: '',
    ip_address_list: [...addresses].join(','),
    host_name: server.host_name,
    // Deploying update sources is not offered, so the answer does not claim it.
    capabilities: [],
  };
}

function gatewaysOf(server: Row<'servers'>): { address: string; port: number }[] {
  const value = fromJson(server.gateways);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by `register` and by nobody else
  return value as { address: string; port: number }[];
}
