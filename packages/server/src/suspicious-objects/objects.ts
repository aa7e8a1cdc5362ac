/** The user-defined suspicious objects: one list with one growing revision, which every agent follows. */
import { createHash } from 'node:crypto';
import { Refusal, objectsPerType } from '@cordon/protocol/automation';
import type {
  AddObject,
  ObjectQuery,
  ObjectType,
  RemoveObjectQuery,
  UserDefinedObject,
} from '@cordon/protocol/automation';
import type { ObjectsPage } from '@cordon/protocol/channel';
import type { Actor, Audit, Fact } from '../audit/audit.ts';
import type { Database, Queries } from '../database/database.ts';
import type { Publish } from '../events/events.ts';
import { parseExpiry } from './expiry.ts';
import { agentEntry, wireEntry, objectTermsOf } from './forms.ts';
import { parseAction, parseName, parseNotes, parseObject, parseType, searchText } from './parse.ts';
import type { ObjectName, ParsedObject } from './parse.ts';
import { findObject, nextRevision } from './list.ts';
import type { ObjectRow, ObjectTerms } from './list.ts';
import type { ListFilter } from './queries.ts';
import {
  changesAfter,
  countOfType,
  currentRevision,
  expiredObjects,
  filesListed,
  isFullPage,
  listPage,
  markObjectRemoved,
  purgeTombstones,
  purgedUpTo,
  putObject,
} from './queries.ts';

/** The list's revision, inside a transaction of another room. */
export function currentRevisionIn(tx: Queries): Promise<number> {
  return currentRevision(tx);
}

/** Whether an object is listed now with an action; one that is only logged takes no file. */
export async function isListedIn(tx: Queries, { type, content }: ObjectName, now: number): Promise<boolean> {
  const object = await findObject(tx, type, content);
  if (object === undefined || object.scan_action === 'log') return false;
  return object.expires_at === null || object.expires_at > now;
}

/** Listed objects that act on files with these contents, of either type. */
export async function actingOn(tx: Queries, contents: readonly string[], now: number): Promise<ActingObject[]> {
  const rows = await filesListed(tx, contents, now);
  return rows.map(({ type, content, scan_action: action }) => ({ type, content, action }));
}

export interface ActingObject extends ObjectName {
  readonly action: ObjectRow['scan_action'];
}

/** A message that says why a restored file would not stay. */
export function stillListed(objects: readonly ActingObject[]): string {
  const named = objects.slice(0, 3).map(({ type, content, action }) => `${type} ${content} (${action})`);
  const more = objects.length > named.length ? ` and ${objects.length - named.length} more` : '';
  return (
    `Still listed: ${named.join(', ')}${more}. A file that is put back is refused, or taken again. ` +
    'Say "confirmed": true to put it back all the same.'
  );
}

/** An uploaded file: what is stored of it. Its content never is. */
export interface UploadedFile {
  readonly name: string;
  readonly action: string;
  readonly note: string | null | undefined;
  /** Bytes. */
  readonly size: number;
  /** Upper-case hex. */
  readonly sha1: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

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

/** An object's fields besides its name and its action. */
export type Said = Pick<ObjectRow, 'notes' | 'expires_at' | 'size' | 'sha256'>;

/** An object to put, parsed and past listing safety. */
export interface Addition extends ObjectName, Pick<ParsedObject, 'scanAction'> {
  readonly detail: string;
  /**
   * Computed from the row at the moment of the change, because fields left out keep their value: a canary may have been
   * halted in the meantime. Only people set terms beyond the API's fields; everything else leaves them.
   */
  readonly said: (before: ObjectRow | undefined) => Said & Partial<ObjectTerms>;
  /** The request was confirmed. */
  readonly confirmed?: boolean;
}

/** Changes in one page to an agent: even with the longest contents, far below the largest frame. */
const changesPerPage = 100;
const expiryMilliseconds = 15_000;
const expiredAtOnce = 500;
/** How long a removal is remembered for offline agents. */
const tombstoneMilliseconds = 30 * 24 * 3_600_000;
const serverActor: Actor = { name: 'server', source: '', requestId: '' };

export class SuspiciousObjects {
  readonly #deps: ObjectsDeps;
  readonly #timer: NodeJS.Timeout;

  constructor(deps: ObjectsDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => void this.expire(), expiryMilliseconds).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** One page of the list, the newest change first. */
  page(filter: ListFilter, after: Pick<ObjectRow, 'revision'> | undefined, limit: number): Promise<ObjectRow[]> {
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
    if (parseType(param.type) === 'file') return this.#addContent(actor, param, now);
    const parsed = parseObject(param, now);
    const confirmed = await this.#deps.listingSafety.passApplication(actor, { ...parsed, size: null });
    const { notes, expiresAt } = parsed;
    const said = { notes, expires_at: expiresAt, size: null, sha256: null };
    return this.put(actor, { ...parsed, said: () => said, detail: '', confirmed });
  }

  /** PUT FileUDSO, after its bytes were read and hashed. */
  addFile(actor: Actor, file: UploadedFile): Promise<void> {
    return this.#putFile(actor, file, null);
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
      await this.#deps.database.write((tx) => purgeTombstones(tx, now - tombstoneMilliseconds));
      if ((await expiredObjects(this.#deps.database.read, now, 1)).length === 0) return;
      const revisions = await this.#deps.database.write((tx) => this.#removeExpired(tx, now));
      if (revisions.length > 0) this.publishChange(Math.max(...revisions));
    } catch (error) {
      process.emitWarning(`Expired objects could not be taken off the list: ${String(error)}`);
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

  /** `type: file` with the content itself in base64, as one public client sends it. */
  #addContent(actor: Actor, param: AddObject['param'], now: number): Promise<void> {
    const bytes = Buffer.from(param.content, 'base64');
    const isWhole = param.content.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(param.content);
    if (!isWhole || bytes.length === 0) {
      throw new Refusal(
        'parameter-invalid',
        'content of type file must be the file in base64. For a hash, use type file_sha1.',
      );
    }
    const sha1 = createHash('sha1').update(bytes).digest('hex').toUpperCase();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const file = { name: '', action: param.scan_action, note: param.notes, size: bytes.length, sha1, sha256 };
    return this.#putFile(actor, file, parseExpiry(param.expiration_utc_date, now));
  }

  async #putFile(actor: Actor, file: UploadedFile, expiresAt: number | null): Promise<void> {
    const scanAction = parseAction(file.action, 'file_scan_action', 'file');
    const notes = parseNotes(file.note, 'note');
    if (file.size === 0) {
      throw new Refusal(
        'file-unusable',
        'The file is empty. Its hash is that of every empty file, so it cannot be listed.',
      );
    }
    const { size, sha256 } = file;
    const detail = JSON.stringify({ file_name: file.name.slice(0, 255), size, sha256 });
    const object = { type: 'file', content: file.sha1, scanAction } as const;
    const said = { notes, expires_at: expiresAt, size, sha256 };
    const confirmed = await this.#deps.listingSafety.passApplication(actor, { ...object, size });
    await this.put(actor, { ...object, said: () => said, detail, confirmed });
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
    await markObjectRemoved(tx, object, { revision, at: this.#deps.now() });
    const detail = JSON.stringify({ before: wireEntry(object) });
    const fact = { act: why.act, target: `${object.type} ${object.content}`, outcome: 'done', detail };
    await this.#deps.audit.record(tx, why.actor, fact);
    return revision;
  }

  async #removeExpired(tx: Queries, now: number): Promise<number[]> {
    // First of all, as in #put: another node may be removing the same entries, or a client extending one.
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
    `The list holds ${count} objects of type ${type}; ${objectsPerType} is the most. Remove some first.`,
  );
}

function none(): void {
  // Nothing follows from an object that is only logged.
}

function additionFact(
  object: Addition,
  { before, said }: { before: ObjectRow | undefined; said: Pick<Said, 'notes' | 'expires_at'> },
): Fact {
  const after = { scan_action: object.scanAction, notes: said.notes, expires_at: said.expires_at };
  const detail = JSON.stringify({
    before: before === undefined ? null : wireEntry(before),
    after,
    file: object.detail,
  });
  return { act: 'put-object', target: `${object.type} ${object.content}`, outcome: 'done', detail };
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
