/**
 * Keeps the suspicious-object list as the signed pages it came in, one file a page.
 *
 * A page is written once and never rewritten, so the cost of a change depends on its size, however long the list is;
 * and every reader of the list can check the server's signature again.
 */
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { openDocument } from '@cordon/protocol/channel';
import type { ObjectEntry, ObjectName, ObjectsPage, SignedDocument } from '@cordon/protocol/channel';
import { messageOf } from '../../message-of.ts';
import { filesIn, makeFolder, readIfThere, removeIfThere, syncFolder, writeDurably } from '../../fs/durable.ts';

/** From this many pages on, the next start requests the list again: the server sends it in few full pages. */
const maxPages = 2000;

export type PageResult =
  | {
      readonly kind: 'applied';
      readonly revision: number;
      readonly more: boolean;
      /** What is new, different or removed. */
      readonly changed: readonly ObjectName[];
      /** The list starts over with this page; until the last page, a missing object is not removed. */
      readonly startsOver: boolean;
    }
  /** It does not follow our pages; request the list after `revision`. */
  | { readonly kind: 'gap'; readonly revision: number }
  | { readonly kind: 'refused'; readonly message: string };

export class ObjectList {
  readonly #folder: string;
  readonly #signingKey: KeyObject;
  readonly #held = new Map<string, ObjectEntry>();
  #revision = 0;
  /** When the newest page applied was signed; servers before version 2 do not say. */
  #newest = 0;

  constructor(folder: string, signingKey: KeyObject) {
    this.#folder = folder;
    this.#signingKey = signingKey;
    makeFolder(folder);
    this.#load();
  }

  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#held.size;
  }

  /** The list itself, for those who look for these objects. */
  list(): ObjectEntry[] {
    return [...this.#held.values()];
  }

  get(name: ObjectName): ObjectEntry | undefined {
    return this.#held.get(keyOf(name));
  }

  receive(signed: SignedDocument): PageResult {
    let page: ObjectsPage;
    try {
      page = openDocument('objects', signed, this.#signingKey);
    } catch (error) {
      return { kind: 'refused', message: messageOf(error) };
    }
    if (page.revision < page.after) {
      return {
        kind: 'refused',
        message: `A page that leads from revision ${page.after} back to ${page.revision}.`,
      };
    }
    const older = page.after === 0 && (page.issuedAt ?? 0) < this.#newest;
    if (older) return { kind: 'refused', message: replayed(page, this.#newest) };
    if (page.after !== 0 && page.after !== this.#revision) return { kind: 'gap', revision: this.#revision };
    const startsOver = page.after === 0;
    const changed = [...(startsOver ? this.#held.values() : []), ...page.remove, ...page.put];
    this.#store(page, signed);
    return { kind: 'applied', revision: page.revision, more: page.more, changed, startsOver };
  }

  #store(page: ObjectsPage, signed: SignedDocument): void {
    // Starting over: old pages are removed last first, so that a power cut leaves an unbroken beginning.
    if (page.after === 0) this.#clear();
    writeDurably(join(this.#folder, nameOf(page)), JSON.stringify(signed));
    this.#apply(page);
  }

  #clear(): void {
    for (const name of filesIn(this.#folder).reverse()) removeIfThere(join(this.#folder, name));
    syncFolder(this.#folder);
    this.#held.clear();
    this.#revision = 0;
  }

  #apply(page: ObjectsPage): void {
    for (const one of page.remove) this.#held.delete(keyOf(one));
    for (const one of page.put) this.#held.set(keyOf(one), one);
    this.#revision = page.revision;
    this.#newest = Math.max(this.#newest, page.issuedAt ?? 0);
  }

  /** Pages in sequence, up to the first that is damaged or does not follow; the server sends the rest. */
  #load(): void {
    const names = filesIn(this.#folder).filter((name) => /^\d{16}\.json$/.test(name));
    if (names.length >= maxPages) {
      this.#newest = this.#pageIn(names.at(-1) ?? '')?.issuedAt ?? 0;
      return this.#clear();
    }
    for (const name of names) {
      const page = this.#pageIn(name);
      if (!page || (page.after !== this.#revision && page.after !== 0)) {
        removeIfThere(join(this.#folder, name));
        continue;
      }
      this.#apply(page);
    }
  }

  #pageIn(name: string): ObjectsPage | undefined {
    try {
      const signed: SignedDocument = JSON.parse(readIfThere(join(this.#folder, name)) ?? '');
      return openDocument('objects', signed, this.#signingKey);
    } catch {
      return undefined; // Damaged: requested again.
    }
  }
}

/** A genuine but old page would undo everything listed since. */
function replayed(page: ObjectsPage, newest: number): string {
  const of = page.issuedAt === undefined ? 'no date' : new Date(page.issuedAt).toISOString();
  return `A list that starts over was signed at ${of}, before the newest page here, ${new Date(newest).toISOString()}.`;
}

/** Sorts in page sequence: 16 digits hold every safe integer. */
function nameOf(page: ObjectsPage): string {
  return `${String(page.revision).padStart(16, '0')}.json`;
}

function keyOf(object: { type: string; content: string }): string {
  return `${object.type} ${object.content}`;
}
