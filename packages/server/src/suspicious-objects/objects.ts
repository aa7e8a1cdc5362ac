/** The user-defined suspicious objects: one list with one growing revision, which every agent follows. */
import { Refusal, objectsPerType } from '@cordon/protocol/automation';
import type {
  AddObject,
  ObjectQuery,
  ObjectType,
  RemoveObjectQuery,
  UserDefinedObject,
} from '@cordon/protocol/automation';
import type { ObjectName, ObjectsPage } from '@cordon/protocol/channel';
import type { Actor, Audit } from '../audit/audit.ts';
import type { Database, Queries } from '../database/database.ts';
import type { Publish } from '../events/events.ts';
import { additionFact, fileAddition, fileInContent } from './additions.ts';
import type { Addition, UploadedFile } from './additions.ts';
import { parseExpiry } from './expiry.ts';
import { agentEntry, objectTermsOf, wireEntry } from './forms.ts';
import { changeObject, currentRevision, findObject, nextRevision } from './table.ts';
import type { ObjectRow } from './table.ts';
import { parseAction, parseName, parseObject, parseType, searchText } from './parse.ts';
import type { ParsedObject } from './parse.ts';
import type { ObjectFilter } from './queries.ts';
import {
  changesAfter,
  countOfType,
  expiredObjects,
  isFullPage,
  listPage,
  purgeTombstones,
  purgedUpTo,
  putObject,
} from './queries.ts';

export interface ObjectsDeps {
  readonly database: Database;
  readonly audit: Audit;
  readonly now: () => number;
  readonly listingSafety: ListingSafetyCheck;
  /** Called when an object is listed with an action, in its transaction; returns what to do after the commit. */
  readonly listedAgain: (tx: Queries, actor: Actor, object: ObjectName) => Promise<() => void>;
  readonly publish: Publish;
}

/** Protects the list from an application's mistakes: refuses a listing, or says whether it was confirmed. */
export interface ListingSafetyCheck {
  passApplication(actor: Actor, object: ObjectName & SizedAction): Promise<boolean>;
}

interface SizedAction {
  readonly scanAction: ParsedObject['scanAction'];
  readonly size: number | null;
}

/** Changes in one page to an agent: even with the longest contents, far below the largest frame. */
const changesPerPage = 100;
const expiryIntervalMs = 15_000;
const expiredAtOnce = 500;
/** How long a removal is remembered for offline agents. */
const tombstoneMs = 30 * 24 * 3_600_000;
const serverActor: Actor = { name: 'server', source: '', requestId: '' };

export class SuspiciousObjects {
  readonly #deps: ObjectsDeps;
  readonly #timer: NodeJS.Timeout;

  constructor(deps: ObjectsDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.expire(), expiryIntervalMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** One page of the list, the newest change first. */
  page(filter: ObjectFilter, after: Pick<ObjectRow, 'revision'> | undefined, limit: number): Promise<ObjectRow[]> {
    return listPage(this.#deps.database.read, filter, after, limit);
  }

  /** The list in pages, the newest change first, without expired entries. */
  async pages(query: ObjectQuery, each: (page: UserDefinedObject[]) => Promise<void>): Promise<void> {
    const filter = { type: filterType(query.type), contains: sought(query.contentFilter), now: this.#deps.now() };
    await this.#deps.database.snapshot(async (at) => {
      let page: ObjectRow[] = [];
      do {
        page = await listPage(at, filter, page.at(-1));
        await each(page.map(wireEntry));
      } while (isFullPage(page));
    });
  }

  /** PUT UserDefinedSO: adds an entry, or gives an existing one this action, these notes and this expiry. */
  async add(actor: Actor, { param }: AddObject): Promise<void> {
    const now = this.#deps.now();
    if (parseType(param.type) === 'file')
      return this.#addFile(actor, fileInContent(param), parseExpiry(param.expiration_utc_date, now));
    const parsed = parseObject(param, now);
    const confirmed = await this.#deps.listingSafety.passApplication(actor, { ...parsed, size: null });
    const { notes, expiresAt } = parsed;
    const said = { notes, expires_at: expiresAt, size: null, sha256: null };
    return this.put(actor, { ...parsed, said: () => said, detail: '', confirmed });
  }

  /** PUT FileUDSO, after its bytes were read and hashed. */
  addFile(actor: Actor, file: UploadedFile): Promise<void> {
    return this.#addFile(actor, file, null);
  }

  /** DELETE UserDefinedSO; false when no entry matched and nothing changed. */
  async remove(actor: Actor, query: RemoveObjectQuery): Promise<boolean> {
    const name = parseName(query.type ?? '', query.content ?? '');
    const narrow = this.#narrowing(query, name.type);
    // Lists from before addresses were normalised may hold another spelling, which must still be removable.
    const verbatim = { type: name.type, content: (query.content ?? '').trim() };
    const why = { actor, act: 'remove-object', narrow };
    const revision = await this.#deps.database.write(
      async (tx) => (await this.removeIn(tx, name, why)) ?? this.removeIn(tx, verbatim, why),
    );
    if (revision !== undefined) this.publishChange(revision);
    return revision !== undefined;
  }

  /**
   * Removes an object from the list inside `tx`; returns the revision to publish afterwards, or undefined if it was not
   * listed.
   */
  async removeIn(
    tx: Queries,
    name: ObjectName,
    why: { actor: Actor; act: string; narrow?: (object: ObjectRow) => boolean },
  ): Promise<number | undefined> {
    const object = await findObject(tx, name.type, name.content);
    if (object === undefined || why.narrow?.(object) === false) return undefined;
    return this.#removeOne(tx, object, why);
  }

  publishChange(revision: number): void {
    this.#deps.publish({ kind: 'objects-changed', revision });
  }

  /**
   * Removes expired entries from the list, so that agents drop them too. Never rejects: the next run repairs a failure.
   */
  async expire(): Promise<void> {
    try {
      const now = this.#deps.now();
      await this.#deps.database.write((tx) => purgeTombstones(tx, now - tombstoneMs));
      if ((await expiredObjects(this.#deps.database.read, now, 1)).length === 0) return;
      const revisions = await this.#deps.database.write((tx) => this.#removeExpired(tx, now));
      if (revisions.length > 0) this.publishChange(Math.max(...revisions));
    } catch (error) {
      process.emitWarning(`Expired objects could not be removed from the list: ${String(error)}`);
    }
  }

  revision(): Promise<number> {
    return currentRevision(this.#deps.database.read);
  }

  /**
   * The next page for an agent whose list is at `after`. For a revision beyond ours, or older than the oldest
   * remembered removal, it starts from the beginning.
   */
  async pageAfter(after: number): Promise<ObjectsPage> {
    return this.#deps.database.snapshot(async (at) => {
      const newest = await currentRevision(at);
      const from = after > newest || after < (await purgedUpTo(at)) ? 0 : after;
      const rows = await changesAfter(at, from, changesPerPage + 1);
      const more = rows.length > changesPerPage;
      const sent = rows.slice(0, changesPerPage);
      const live = sent.filter((row) => row.removed === 0);
      const gone = sent.filter((row) => row.removed === 1);
      return {
        after: from,
        revision: more ? (sent.at(-1)?.revision ?? newest) : newest,
        more,
        put: live.map(agentEntry),
        remove: gone.map((row) => ({ type: row.type, content: row.content })),
      };
    });
  }

  async #addFile(actor: Actor, file: UploadedFile, expiresAt: number | null): Promise<void> {
    const addition = fileAddition(file, expiresAt);
    const confirmed = await this.#deps.listingSafety.passApplication(actor, { ...addition, size: file.size });
    await this.put(actor, { ...addition, confirmed });
  }

  /** Adds an object, or replaces one, and notifies the agents. */
  async put(actor: Actor, object: Addition): Promise<void> {
    const now = this.#deps.now();
    const { type, content, scanAction } = object;
    const done = await this.#deps.database.write(async (tx) => {
      // First of all: it locks the counter's row, so that two writers cannot both see the last free place.
      const revision = await nextRevision(tx);
      const before = await findObject(tx, type, content);
      if (before === undefined) await refuseWhenFull(tx, type, now);
      const said = { ...objectTermsOf(before), ...object.said(before) };
      const confirmed = object.confirmed === true ? 1 : said.confirmed;
      const row = { type, content, scan_action: scanAction, ...said, confirmed, revision, removed: 0 as const };
      await putObject(tx, { ...row, added_at: now, changed_at: now });
      await this.#deps.audit.record(tx, actor, additionFact(object, { before, said }));
      const isActedOn = scanAction !== 'log';
      return { revision, afterwards: isActedOn ? await this.#deps.listedAgain(tx, actor, { type, content }) : none };
    });
    done.afterwards();
    this.publishChange(done.revision);
  }

  async #removeOne(tx: Queries, object: ObjectRow, why: { actor: Actor; act: string }): Promise<number> {
    const revision = await nextRevision(tx);
    await changeObject(tx, object, { removed: 1, revision, changed_at: this.#deps.now() });
    const detail = JSON.stringify({ before: wireEntry(object) });
    const fact = { act: why.act, target: `${object.type} ${object.content}`, outcome: 'done', detail };
    await this.#deps.audit.record(tx, why.actor, fact);
    return revision;
  }

  async #removeExpired(tx: Queries, now: number): Promise<number[]> {
    // First of all, as in put: another node may be removing the same entries, or a client extending one.
    const revisions = [await nextRevision(tx)];
    for (const object of await expiredObjects(tx, now, expiredAtOnce)) {
      revisions.push(await this.#removeOne(tx, object, { actor: serverActor, act: 'expire-object' }));
    }
    return revisions;
  }

  /** Further query parameters must match the entry too, else nothing is removed. */
  #narrowing(query: RemoveObjectQuery, type: ObjectType): (object: ObjectRow) => boolean {
    const [notes, action, expiry] = [given(query.notes), given(query.scan_action), given(query.expiration_utc_date)];
    const desiredAction = action === undefined ? undefined : parseAction(action, 'scan_action', type);
    const desiredExpiry = expiry === undefined ? undefined : parseExpiry(expiry, 0);
    return (object) =>
      (notes === undefined || object.notes === notes) &&
      (desiredAction === undefined || object.scan_action === desiredAction) &&
      (desiredExpiry === undefined || object.expires_at === desiredExpiry);
  }
}

async function refuseWhenFull(tx: Queries, type: ObjectType, now: number): Promise<void> {
  const count = await countOfType(tx, type, now);
  if (count < objectsPerType) return;
  throw new Refusal(
    'objects-full',
    `The list has ${count} objects of type ${type}, and ${objectsPerType} is the limit. Remove some first.`,
  );
}

function none(): void {
  // Nothing follows from an object that is only logged.
}

function filterType(type: string | undefined): ObjectType | undefined {
  const text = given(type);
  if (text === undefined) return undefined;
  const parsed = parseType(text);
  if (parsed !== undefined) return parsed;
  throw new Refusal(
    'parameter-invalid',
    `type is "${text.slice(0, 40)}"; it must be ip, url, domain, file_sha1, file, or empty for all.`,
  );
}

function sought(text: string | undefined): string | undefined {
  const words = given(text);
  return words === undefined ? undefined : searchText(words);
}

function given(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}
