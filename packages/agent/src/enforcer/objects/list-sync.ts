/** Catches up with the server's list of suspicious objects, page by page. */
import type { SignedDocument } from '@cordon/protocol/channel';
import type { Log } from '../../log.ts';
import type { ToLink } from '../../ipc/link-messages.ts';
import type { ObjectList, PageResult } from './object-list.ts';

export type PageApplied = Extract<PageResult, { verdict: 'applied' }>;

export interface ListSyncDeps {
  readonly objects: Pick<ObjectList, 'revision' | 'receive'>;
  readonly send: (message: ToLink) => void;
  readonly log: Log;
}

export class ListSync {
  readonly #deps: ListSyncDeps;
  /** The revision after which pages were requested, while none has come. */
  #asked: number | undefined;
  /** The newest revision that the gateway has announced. */
  #theirs = 0;

  constructor(deps: ListSyncDeps) {
    this.#deps = deps;
  }

  /** On a new channel: the gateway has forgotten the requests of the old one, too. */
  begin(theirs: number): void {
    this.#asked = undefined;
    this.compare(theirs);
  }

  /** A server whose list is older than ours was set back, and its list counts. */
  compare(theirs: number): void {
    this.#theirs = theirs;
    const ours = this.#deps.objects.revision;
    if (theirs !== ours) this.#ask(theirs > ours ? ours : 0);
  }

  /** What changed in the list and is worth a report; undefined when nothing did. */
  receive(page: SignedDocument): PageApplied | undefined {
    const before = this.#deps.objects.revision;
    const verdict = this.#deps.objects.receive(page);
    switch (verdict.verdict) {
      case 'applied':
        this.#asked = undefined;
        if (verdict.more || this.#wasOvertaken(before, verdict.revision)) this.#ask(verdict.revision);
        return verdict;
      case 'gap':
        this.#ask(verdict.revision);
        return undefined;
      case 'refused':
        this.#deps.log('objects refused', { message: verdict.message });
        return undefined;
    }
  }

  /**
   * The page was made before a change that the gateway announced while we waited. A page that leads nowhere is no
   * reason to ask again.
   */
  #wasOvertaken(before: number, revision: number): boolean {
    return revision > before && revision < this.#theirs;
  }

  /** Never twice for the same: a server that gives unrelated answers must not keep us asking. */
  #ask(revision: number): void {
    if (this.#asked === revision) return;
    this.#asked = revision;
    this.#deps.send({ type: 'objects-after', revision });
  }
}
