/** Applications: which may use the Automation API, with which key, and how old a request may be. */
import { counter } from '../database/named-values.ts';
import { createSecretKey, randomUUID } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { Refusal } from '@cordon/protocol/automation';
import type {
  AddApplication,
  Application,
  ApplicationDraft,
  ApplicationWithKey,
  ChangeApplication,
} from '@cordon/protocol/console';
import type { Actor, Audit, Fact } from '../audit/audit.ts';
import type { Database, Queries, Row } from '../database/database.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import type { Sealer } from '../secrets/sealing.ts';
import type { ApplicationChange } from './queries.ts';
import {
  allApplications,
  applicationOf,
  deleteApplication,
  isDraftSpent,
  spendDraft,
  insertApplication,
  noteUse,
  updateApplication,
} from './queries.ts';

/** An application as requests need it: in memory, so that an unknown caller costs no query. */
export interface KnownApplication {
  readonly id: string;
  readonly name: string;
  readonly key: KeyObject;
  readonly enabled: boolean;
  readonly timeoutSeconds: number;
}

export interface ApplicationsDeps {
  readonly database: Database;
  readonly sealer: Sealer;
  readonly audit: Audit;
  readonly now: () => number;
}

/** Enough for every integration of a large site, and small enough to hold in memory. */
const maxApplications = 1000;
const defaultTimeoutSeconds = 300;
const flushIntervalMs = 5000;
const topic = 'applications';
const apiType = 'Automation API';
const draftPurpose = 'application draft';
const draftLifetimeMs = 3_600_000;

export class Applications {
  readonly #deps: ApplicationsDeps;
  readonly #uses = new Map<string, { at: number; from: string }>();
  readonly #timer: NodeJS.Timeout;
  #known = new Map<string, KnownApplication>();
  #version = -1;
  #refreshing: Promise<void> = Promise.resolve();

  constructor(deps: ApplicationsDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.#flushUses(), flushIntervalMs).unref();
  }

  /** Reloads the applications if any has changed, here or on another node. */
  refresh(): Promise<void> {
    // One after the other: a late, older answer must not bring back a revoked key.
    this.#refreshing = this.#refreshing.then(
      () => this.#read(),
      () => this.#read(),
    );
    return this.#refreshing;
  }

  /** The application of a token, by its id in any letter case; refuses with `application-unknown`. */
  known(id: string): KnownApplication {
    const application = this.#known.get(id.toUpperCase());
    if (application !== undefined) return application;
    throw new Refusal(
      'application-unknown',
      'No application has this ID. Copy the Application ID from the console again.',
    );
  }

  /** Remembers a use in memory; written to the database every few seconds. */
  used(id: string, from: string): void {
    this.#uses.set(id, { at: this.#deps.now(), from });
  }

  async list(): Promise<Application[]> {
    await this.#flushUses();
    return (await allApplications(this.#deps.database.read)).map(shown);
  }

  /** An ID and a key to look at before saving; sealed, so that they can be sent back to any node. */
  draft(): ApplicationDraft {
    const keys = { id: newKey(), apiKey: newKey() };
    const text = JSON.stringify({ ...keys, at: this.#deps.now() });
    return { ...keys, apiType, draft: this.#deps.sealer.seal(draftPurpose, text) };
  }

  /** A new application with its key, which is shown only once. */
  async add(actor: Actor, desired: AddApplication): Promise<ApplicationWithKey> {
    const { id, apiKey } =
      desired.draft === undefined ? { id: newKey(), apiKey: newKey() } : this.#drafted(desired.draft);
    const row = this.#newRow(actor, desired, { id, apiKey });
    await this.#deps.database.write(async (tx) => {
      if (await isDraftSpent(tx, id)) throw draftStale('The application with this ID was deleted. Click Add again.');
      const others = await allApplications(tx);
      if (others.some((other) => other.id === id)) {
        throw new ConsoleRefusal(409, 'application-exists', 'This application is already saved. It is in the list.');
      }
      if (others.length >= maxApplications) {
        throw new Refusal(
          'parameter-invalid',
          `There are ${others.length} applications, and ${maxApplications} is the limit. Remove one first.`,
        );
      }
      await insertApplication(tx, row);
      await this.#deps.audit.record(tx, actor, done('add-application', row, `time-out ${row.timeout_seconds} s`));
    });
    await this.#changed();
    return { application: shown(row), apiKey };
  }

  /** Who created the application and who created its key, as the audit names them: they may know it. */
  async keyHolders(tx: Queries, id: string): Promise<string[]> {
    const row = await applicationOf(tx, id);
    return row === undefined ? [] : [...new Set([row.created_by, row.key_created_by])];
  }

  async change(actor: Actor, id: string, desired: ChangeApplication): Promise<Application> {
    const change: ApplicationChange = {
      ...(desired.name === undefined ? {} : { name: desired.name }),
      ...(desired.enabled === undefined ? {} : { enabled: desired.enabled ? 1 : 0 }),
      ...(desired.timeoutSeconds === undefined ? {} : { timeout_seconds: desired.timeoutSeconds }),
    };
    return shown(await this.#apply(actor, id, { act: 'change-application', change, detail: JSON.stringify(desired) }));
  }

  /** A new key for an application; the old one is revoked at once. */
  async rotate(actor: Actor, id: string): Promise<ApplicationWithKey> {
    const apiKey = newKey();
    const sealed = this.#deps.sealer.seal(purpose(id.toUpperCase()), apiKey);
    const change = { sealed_key: sealed, key_created_by: actor.name };
    const row = await this.#apply(actor, id, { act: 'rotate-application', change, detail: 'the old key is void' });
    return { application: shown(row), apiKey };
  }

  async remove(actor: Actor, id: string): Promise<void> {
    await this.#deps.database.write(async (tx) => {
      const row = await deleteApplication(tx, id.toUpperCase());
      if (row === undefined) throw unknown(id);
      // The application's draft, if it came from one, is valid for an hour; the key in it must not become valid again.
      const now = this.#deps.now();
      const before = now - draftLifetimeMs;
      if (row.created_at > before) await spendDraft(tx, row.id, { at: now, before });
      await this.#deps.audit.record(tx, actor, done('remove-application', row, ''));
    });
    await this.#changed();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flushUses();
  }

  async #apply(
    actor: Actor,
    id: string,
    what: { act: string; change: ApplicationChange; detail: string },
  ): Promise<Row<'applications'>> {
    const row = await this.#deps.database.write(async (tx) => {
      const before = await updateApplication(tx, id.toUpperCase(), what.change);
      if (before === undefined) throw unknown(id);
      await this.#deps.audit.record(tx, actor, done(what.act, before, what.detail));
      return { ...before, ...what.change };
    });
    await this.#changed();
    return row;
  }

  #drafted(draft: string): { id: string; apiKey: string } {
    const opened = this.#opened(draft);
    if (opened !== undefined && opened.at > this.#deps.now() - draftLifetimeMs) return opened;
    throw draftStale('This ID and key were drafted more than an hour ago, or not by this server. Click Add again.');
  }

  #opened(draft: string): { id: string; apiKey: string; at: number } | undefined {
    try {
      return JSON.parse(this.#deps.sealer.unseal(draftPurpose, draft));
    } catch {
      return undefined; // Not one of our drafts.
    }
  }

  #newRow(actor: Actor, desired: AddApplication, keys: { id: string; apiKey: string }): Row<'applications'> {
    const { id, apiKey } = keys;
    return {
      id,
      name: desired.name,
      sealed_key: this.#deps.sealer.seal(purpose(id), apiKey),
      enabled: desired.enabled === false ? 0 : 1,
      timeout_seconds: desired.timeoutSeconds ?? defaultTimeoutSeconds,
      created_by: actor.name,
      key_created_by: actor.name,
      created_at: this.#deps.now(),
      last_used_at: null,
      last_used_from: null,
    };
  }

  async #read(): Promise<void> {
    const { database } = this.#deps;
    const version = await counter(database.read, 'applications');
    if (version === this.#version) return;
    const rows = await allApplications(database.read);
    this.#known = new Map(rows.map((row) => [row.id, this.#open(row)]));
    this.#version = version;
  }

  async #changed(): Promise<void> {
    await this.refresh();
    this.#deps.database.notify(topic);
  }

  #open(row: Row<'applications'>): KnownApplication {
    const apiKey = this.#deps.sealer.unseal(purpose(row.id), row.sealed_key);
    return {
      id: row.id,
      name: row.name,
      key: createSecretKey(Buffer.from(apiKey, 'utf8')),
      enabled: row.enabled === 1,
      timeoutSeconds: row.timeout_seconds,
    };
  }

  async #flushUses(): Promise<void> {
    if (this.#uses.size === 0) return;
    const uses = [...this.#uses];
    this.#uses.clear();
    await this.#deps.database
      .write(async (tx) => {
        for (const [id, use] of uses) await noteUse(tx, id, use.at, use.from);
      })
      .catch((error: unknown) => process.emitWarning(`"last used" could not be written: ${String(error)}`));
  }
}

/** The vendor's form: an upper-case GUID with 122 random bits. */
function newKey(): string {
  return randomUUID().toUpperCase();
}

function purpose(id: string): string {
  return `application ${id}`;
}

function done(act: string, row: Row<'applications'>, detail: string): Fact {
  return { act, target: `${row.id} (${row.name})`, outcome: 'done', detail };
}

function unknown(id: string): ConsoleRefusal {
  return new ConsoleRefusal(
    404,
    'application-unknown',
    `There is no application ${id}. "cordon apps list" shows all of them.`,
  );
}

function shown(row: Row<'applications'>): Application {
  return {
    id: row.id,
    name: row.name,
    enabled: row.enabled === 1,
    timeoutSeconds: row.timeout_seconds,
    apiType,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    lastUsedFrom: row.last_used_from,
  };
}

function draftStale(message: string): ConsoleRefusal {
  return new ConsoleRefusal(400, 'draft-stale', message);
}
