/** Groups of agents: how each treats suspicious objects. Agents start in `default`, which enforces nothing. */
import { counter } from '../database/named-values.ts';
import { agentsPerGroup } from '../agents/table.ts';
import type { ObjectSettings } from '@cordon/protocol/channel';
import type { Group, GroupBody } from '@cordon/protocol/console';
import type { Actor, Audit } from '../audit/audit.ts';
import type { Database, Queries, Row } from '../database/database.ts';
import { fromJson, toJson } from '../database/json.ts';
import type { Publish } from '../events/events.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import type { GroupSeal } from './group-seal.ts';
import { addGroup, allGroups, deleteGroup, groupForChange, putGroup } from './queries.ts';

export interface GroupsDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly now: () => number;
  readonly seal: GroupSeal;
  /** Gives the agents of this group a new epoch, in the same transaction. */
  readonly renewDesired: (tx: Queries, group: string, now: number) => Promise<number[]>;
  readonly publish: Publish;
}

type Settings = Group['settings'];

/** The group of every agent that was not moved. */
export const defaultGroup = 'default';

/** Agents receive suspicious objects but do not enforce them until an account changes the setting. */
const everythingOff: Settings = {
  onAccess: 'off',
  sweep: 'off',
  network: 'off',
  execAtDeadline: 'allow',
  sweepMegabytesPerSecond: 50,
};

export class Groups {
  readonly #deps: GroupsDeps;
  #known = new Map<string, { readonly settings: Settings; readonly changedAt: number }>();
  #version = -1;

  constructor(deps: GroupsDeps) {
    this.#deps = deps;
  }

  /** Creates the default group on a new database, and loads all groups. */
  async start(): Promise<void> {
    const row = this.#sealed(defaultGroup, everythingOff, this.#deps.now());
    await this.#deps.database.write((tx) => addGroup(tx, row));
    await this.refresh();
  }

  /** Reloads the groups if any has changed, here or on another node. */
  async refresh(): Promise<void> {
    const version = await counter(this.#deps.database.read, 'groups');
    if (version === this.#version) return;
    const rows = await allGroups(this.#deps.database.read);
    const genuine = rows.filter((row) => this.#isGenuine(row));
    const forged = new Set(rows.filter((row) => !genuine.includes(row)).map((row) => row.name));
    // The previous settings stay in force where a row was overwritten by somebody else.
    const kept = [...this.#known].filter(([name]) => forged.has(name));
    this.#known = new Map([...kept, ...genuine.map(known)]);
    this.#version = version;
  }

  async list(): Promise<Group[]> {
    const counts = await agentsPerGroup(this.#deps.database.read);
    return [...this.#known]
      .map(([name, { settings, changedAt }]) => ({ name, settings, agents: counts.get(name) ?? 0, changedAt }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** What a desired state says about suspicious objects. An unknown or forged group enforces nothing. */
  settingsOf(group: string): ObjectSettings {
    return { group, ...(this.#known.get(group)?.settings ?? everythingOff) };
  }

  exists(name: string): boolean {
    return this.#known.has(name);
  }

  /** Refuses an unknown group; a known one cannot be removed before `tx` has ended. */
  async hold(tx: Queries, name: string): Promise<void> {
    if ((await groupForChange(tx, this.#deps.database, name)) === undefined) throw unknown(name);
  }

  /** Adds or changes a group; its agents get the change at once. */
  async put(actor: Actor, name: string, body: GroupBody): Promise<Group> {
    if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name)) {
      const message = 'A group name has lower-case letters, digits, "-" and "_", and at most 64 characters.';
      throw new ConsoleRefusal(400, 'name-invalid', message);
    }
    const now = this.#deps.now();
    const numbers = await this.#deps.database.write(async (tx) => {
      const row = await groupForChange(tx, this.#deps.database, name);
      const before = row === undefined || !this.#deps.seal.fits(row) ? everythingOff : settingsIn(row);
      const settings = changed(before, body);
      await putGroup(tx, this.#sealed(name, settings, now));
      const renewed = await this.#deps.renewDesired(tx, name, now);
      const detail = JSON.stringify({ before, after: settings, agents: renewed.length });
      await this.#deps.audit.record(tx, actor, { act: 'put-group', target: `group ${name}`, outcome: 'done', detail });
      return renewed;
    });
    await this.#changed(numbers);
    const put = (await this.list()).find((group) => group.name === name);
    if (put === undefined) throw unknown(name); // It was removed meanwhile.
    return put;
  }

  /** Removes an empty group. */
  async remove(actor: Actor, name: string): Promise<void> {
    if (name === defaultGroup) {
      throw new ConsoleRefusal(409, 'group-default', 'The group "default" cannot be removed: new agents join it.');
    }
    await this.#deps.database.write(async (tx) => {
      if (!(await deleteGroup(tx, name))) throw unknown(name);
      const agents = (await agentsPerGroup(tx)).get(name) ?? 0;
      if (agents > 0) {
        const message = `${agents} agents are in the group "${name}". Move them to another one first.`;
        throw new ConsoleRefusal(409, 'group-used', message);
      }
      const fact = { act: 'remove-group', target: `group ${name}`, outcome: 'done', detail: '' };
      await this.#deps.audit.record(tx, actor, fact);
    });
    await this.#changed([]);
  }

  async #changed(numbers: readonly number[]): Promise<void> {
    await this.refresh();
    this.#deps.database.notify('groups');
    this.#deps.publish({ kind: 'desired-renewed', agents: numbers });
  }

  #sealed(name: string, settings: Settings, now: number): Row<'groups'> {
    const row = { name, settings: toJson(settings), changed_at: now };
    return { ...row, seal: this.#deps.seal.of(row) };
  }

  #isGenuine(row: Row<'groups'>): boolean {
    if (this.#deps.seal.fits(row)) return true;
    const detail =
      'The settings in the database do not match their seal: they were changed outside Cordon and are not applied.';
    const fact = { act: 'group-forged', target: `group ${row.name}`, outcome: 'refused', detail };
    this.#deps.audit.refused({ name: 'server', source: 'database', requestId: '' }, fact);
    return false;
  }
}

/** Copied field by field: only settings may get into a desired state. */
function changed(before: Settings, body: GroupBody): Settings {
  return {
    onAccess: body.onAccess ?? before.onAccess,
    sweep: body.sweep ?? before.sweep,
    network: body.network ?? before.network,
    execAtDeadline: body.execAtDeadline ?? before.execAtDeadline,
    sweepMegabytesPerSecond: body.sweepMegabytesPerSecond ?? before.sweepMegabytesPerSecond,
  };
}

function known(row: Row<'groups'>): [string, { settings: Settings; changedAt: number }] {
  return [row.name, { settings: settingsIn(row), changedAt: row.changed_at }];
}

/** Only for a row whose seal fits. */
function settingsIn(row: Row<'groups'>): Settings {
  return fromJson(row.settings);
}

function unknown(name: string): ConsoleRefusal {
  return new ConsoleRefusal(404, 'group-unknown', `There is no group "${name}". GET /api/v1/groups lists them.`);
}
