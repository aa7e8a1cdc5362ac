/** The list as people see and change it, with each object's status on every agent. */
import { formatNetwork, networksAround, parseNetwork } from '@cordon/protocol/addresses';
import { setImmediate } from 'node:timers/promises';
import { Refusal } from '@cordon/protocol/automation';
import type { ObjectSettings, ObjectEnforcementStatus } from '@cordon/protocol/channel';
import type {
  ListedObject,
  ListedObjectPage,
  ObjectCheck,
  ObjectDetails,
  ObjectStatus,
  PutObject,
} from '@cordon/protocol/console';
import { inScope } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';
import type { Actor } from '../audit/audit.ts';
import type { Database, Queries } from '../database/database.ts';
import { fromJson, toJson } from '../database/json.ts';
import type { Json } from '../database/json.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { countInGroups, enforcingAgents } from '../agents/table.ts';
import type { EnforcingAgent } from '../agents/table.ts';
import { enforcingGroups } from '../suspicious-objects/forms.ts';
import type { SuspiciousObjects } from '../suspicious-objects/objects.ts';
import { parseAction, parseName, parseNotes, parseType, searchText } from '../suspicious-objects/parse.ts';
import type { ObjectName } from '@cordon/protocol/channel';
import { blockedAddresses, findObject } from '../suspicious-objects/table.ts';
import type { ObjectRow, ObjectTerms } from '../suspicious-objects/table.ts';
import { minPrefix } from '../listing-safety/rules.ts';
import type { ListingSafety } from '../listing-safety/listing-safety.ts';
import { statusOf, statusWithin } from './status.ts';

export interface ObjectListDeps {
  readonly database: Database;
  readonly now: () => number;
  readonly objects: SuspiciousObjects;
  readonly listingSafety: Pick<ListingSafety, 'check'>;
  readonly groupExists: (name: string) => boolean;
  readonly settingsOf: (group: string) => ObjectSettings;
  /** Quarantined files, by `type content`. */
  readonly quarantined: (contents: readonly string[]) => Promise<Map<string, number>>;
}

const agentPage = 1000;
const maxAgents = 1000;
/** A canary without a limit of its own is halted when it hits this share of its groups. */
const haltShare = 0.05;
const leastHalt = 3;
const order = ['not-enforced', 'pending', 'logged', 'enforced'] as const satisfies ObjectStatus['status'][];

export class ObjectList {
  readonly #deps: ObjectListDeps;

  constructor(deps: ObjectListDeps) {
    this.#deps = deps;
  }

  /** The newest change first. */
  async list(
    filter: { type: string | undefined; search: string | undefined },
    page: { after: number | undefined; limit: number },
  ): Promise<ListedObjectPage> {
    const type = filter.type === undefined || filter.type === '' ? undefined : knownType(filter.type);
    const contains = filter.search === undefined || filter.search === '' ? undefined : searchText(filter.search);
    const after = page.after === undefined ? undefined : { revision: page.after };
    const narrowed = { type, contains, now: this.#deps.now() };
    const rows = await this.#deps.objects.page(narrowed, after, page.limit);
    const next = rows.length === page.limit ? String(rows.at(-1)?.revision) : null;
    return { objects: await this.#shown(rows), next };
  }

  async check(body: PutObject): Promise<ObjectCheck> {
    const name = parseName(body.type, body.content);
    const scanAction = parseAction(body.action, 'action', name.type);
    return this.#deps.listingSafety.check({ ...name, scanAction, size: sizeIn(body, name, undefined) });
  }

  /** Adds or changes an object for a person. Doubtful ones need `confirmed`; final refusals stay refused. */
  async put(actor: Actor, body: PutObject): Promise<ListedObject> {
    const name = parseName(body.type, body.content);
    const scanAction = parseAction(body.action, 'action', name.type);
    const before = await findObject(this.#deps.database.read, name.type, name.content);
    const size = sizeIn(body, name, before);
    const { reasons } = await this.#deps.listingSafety.check({ ...name, scanAction, size });
    const needsConfirmation = reasons.length > 0;
    const confirmed = body.confirmed === true || before?.confirmed === 1;
    refuseBy(reasons, confirmed);
    const notes = body.notes === undefined ? undefined : parseNotes(body.notes, 'notes');
    const terms = await this.#terms(body);
    await this.#deps.objects.put(actor, {
      ...name,
      scanAction,
      said: (at) => ({
        notes: notes ?? at?.notes ?? '',
        expires_at: this.#expiry(body, at),
        size: sizeIn(body, name, at),
        sha256: body.sha256 === undefined ? (at?.sha256 ?? null) : body.sha256,
        ...terms(at),
      }),
      detail: JSON.stringify({ by: 'person', reasons: reasons.map((one) => one.rule) }),
      confirmed: needsConfirmation && confirmed,
    });
    return this.#one(name);
  }

  /** An object and its status; an account limited to folders sees only the agents in them. */
  async details(type: string, content: string, scope: Folders): Promise<ObjectDetails> {
    const name = parseName(type, content);
    const object = await this.#one(name);
    const checked = await this.#deps.listingSafety.check({ ...name, scanAction: object.action, size: object.size });
    const { counts, agents } = await this.#statuses(name, scope);
    const { prevalence } = checked;
    const hidden = prevalence === null || scope.length === 0 ? prevalence : { ...prevalence, hostNames: [] };
    return { object, prevalence: hidden, counts, agents };
  }

  async #statuses(name: ObjectName, scope: Folders): Promise<Pick<ObjectDetails, 'counts' | 'agents'>> {
    const found = new Map(order.map((status) => [status, { count: 0, agents: [] as ObjectStatus[] }]));
    const reportedOf = parsing();
    await this.#deps.database.snapshot(async (at) => {
      const object = await findObject(at, name.type, name.content);
      if (object === undefined) return;
      const around = await this.#around(at, object);
      let page: EnforcingAgent[] = [];
      do {
        page = await enforcingAgents(at, page.at(-1)?.number ?? 0, agentPage);
        for (const agent of page.filter((one) => inScope(scope, one.folder))) {
          const settings = this.#deps.settingsOf(agent.group_name);
          const reported = { revision: agent.objects_revision, reported: reportedOf(agent.object_status), settings };
          const wider = around.map((one) => ({ content: one.content, status: statusOf(one, reported) }));
          const blocking = wider.find((one) => one.status.status === 'enforced');
          const { status, message } = statusWithin(statusOf(object, reported), blocking);
          const of = found.get(status);
          if (of === undefined) continue;
          of.count += 1;
          const { entity_id, host_name: hostName, group_name: group } = agent;
          if (of.agents.length < maxAgents) of.agents.push({ agent: entity_id, hostName, group, status, message });
        }
        await setImmediate();
      } while (page.length === agentPage);
    });
    const count = (status: ObjectStatus['status']): number => found.get(status)?.count ?? 0;
    const [enforced, logged] = [count('enforced'), count('logged')];
    const counts = { enforced, logged, notEnforced: count('not-enforced'), pending: count('pending') };
    return { counts, agents: [...found.values()].flatMap((of) => of.agents).slice(0, maxAgents) };
  }

  /** The listed networks that contain it and are set to be blocked, narrowest first. */
  async #around(at: Queries, { type, content }: ObjectName): Promise<ObjectRow[]> {
    const network = type === 'ip' ? parseNetwork(content) : undefined;
    if (network === undefined) return [];
    const wider = networksAround(network, minPrefix[network.version])
      .map(formatNetwork)
      .filter((one) => one !== content);
    const rows = await blockedAddresses(at, wider, this.#deps.now());
    return rows.sort((a, b) => wider.indexOf(a.content) - wider.indexOf(b.content));
  }

  async #one(name: ObjectName): Promise<ListedObject> {
    const row = await findObject(this.#deps.database.read, name.type, name.content);
    const [object] = row === undefined ? [] : await this.#shown([row]);
    if (object !== undefined) return object;
    throw new ConsoleRefusal(404, 'object-unknown', `${name.type} ${name.content} is not on the list.`);
  }

  async #shown(rows: readonly ObjectRow[]): Promise<ListedObject[]> {
    const quarantined = await this.#deps.quarantined(rows.map((row) => row.content));
    return rows.map((row) => listed(row, quarantined.get(`${row.type} ${row.content}`) ?? 0));
  }

  #expiry(body: PutObject, before: ObjectRow | undefined): number | null {
    const at = body.expiresAt === undefined ? (before?.expires_at ?? null) : body.expiresAt;
    if (at === null || at > this.#deps.now()) return at;
    throw new ConsoleRefusal(
      400,
      'parameter-invalid',
      `expiresAt is ${new Date(at).toISOString()}, which is in the past.`,
    );
  }

  /** Fields left out stay as they are. `enforceIn` starts or ends a canary, and clears its halt. */
  async #terms(body: PutObject): Promise<(before: ObjectRow | undefined) => Partial<ObjectTerms>> {
    const groups = body.enforceIn === undefined || body.enforceIn === null ? [] : [...new Set(body.enforceIn)];
    for (const group of groups) {
      if (this.#deps.groupExists(group)) continue;
      throw new ConsoleRefusal(400, 'group-unknown', `There is no group "${group}". GET /api/v1/groups lists them.`);
    }
    const usual = groups.length === 0 ? null : await this.#usualHalt(groups);
    const enforceIn = body.enforceIn === null ? null : toJson(groups);
    return (before) => ({
      halt_above: body.haltAbove === undefined ? (before?.halt_above ?? usual) : body.haltAbove,
      ...(body.enforceIn === undefined ? {} : { enforce_in: enforceIn, halted_at: null, halt_reason: null }),
    });
  }

  async #usualHalt(groups: readonly string[]): Promise<number> {
    const agents = await countInGroups(this.#deps.database.read, groups);
    return Math.max(leastHalt, Math.ceil(agents * haltShare));
  }
}

/**
 * The size given with a bare hash is unverified. Agents hash no file of another size, so a wrong size would mean that
 * nothing is ever detected.
 */
function sizeIn(body: PutObject, { type }: ObjectName, before: ObjectRow | undefined): number | null {
  if (type !== 'file') return null;
  return body.size === undefined ? (before?.size ?? null) : body.size;
}

function refuseBy(reasons: ObjectCheck['reasons'], confirmed: boolean): void {
  const final = reasons.find((one) => !one.mayConfirm);
  if (final !== undefined) throw new ConsoleRefusal(409, 'listing-refused', `${final.message} It cannot be listed.`);
  if (reasons.length === 0 || confirmed) return;
  const why = reasons.map((one) => one.message).join(' ');
  throw new ConsoleRefusal(409, 'listing-needs-confirmation', `${why} Say "confirmed": true to list it anyway.`);
}

function knownType(text: string): ObjectName['type'] {
  const type = parseType(text);
  if (type !== undefined) return type;
  throw new Refusal(
    'parameter-invalid',
    `type is "${text.slice(0, 40)}"; it must be ip, url, domain, file_sha1 or file.`,
  );
}

/** Most agents report the same text, so each is parsed once. */
function parsing(): (json: Json<ObjectEnforcementStatus> | null) => ObjectEnforcementStatus | null {
  const known = new Map<string, ObjectEnforcementStatus>();
  return (json) => {
    if (json === null) return null;
    const reported = known.get(json) ?? fromJson(json);
    if (known.size < 1000) known.set(json, reported);
    return reported;
  };
}

function listed(row: ObjectRow, quarantined: number): ListedObject {
  const { halted_at: at, halt_reason: message } = row;
  return {
    type: row.type,
    content: row.content,
    action: row.scan_action,
    notes: row.notes,
    expiresAt: row.expires_at,
    size: row.size,
    sha256: row.sha256,
    enforceIn: enforcingGroups(row),
    haltAbove: row.halt_above,
    halted: at === null || message === null ? null : { at, message },
    confirmed: row.confirmed === 1,
    revision: row.revision,
    addedAt: row.added_at,
    changedAt: row.changed_at,
    detections: row.detections,
    quarantined,
  };
}
