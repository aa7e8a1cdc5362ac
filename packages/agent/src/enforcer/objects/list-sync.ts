/** Catches up with the server's list of suspicious objects, page by page. */
import type { ObjectName, SignedDocument } from '@cordon/protocol/channel';
import type { Log } from '../../log.ts';
import type { ToLink } from '../../ipc/link-messages.ts';
import type { ObjectList } from './object-list.ts';

export interface ListSyncDeps {
  readonly list: Pick<ObjectList, 'revision' | 'receive'>;
  readonly send: (message: ToLink) => void;
  readonly log: Log;
}

export class ListSync {
  readonly #deps: ListSyncDeps;
  /** The revision after which pages were requested, while none has come. */
  #asked: number | undefined;
  /** The newest revision that the gateway has announced. */
  #theirs = 0;
  /** What has changed in a list that starts over, until its last page: until then, a missing object is not removed. */
  #partial: ObjectName[] | undefined;

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
    const ours = this.#deps.list.revision;
    if (theirs !== ours) this.#ask(theirs > ours ? ours : 0);
  }

  /** The objects that changed, none before the list is whole. Undefined when the page was not applied. */
  receive(signed: SignedDocument): readonly ObjectName[] | undefined {
    const { list, log } = this.#deps;
    const before = list.revision;
    const page = list.receive(signed);
    switch (page.kind) {
      case 'applied':
        this.#asked = undefined;
        if (page.more || this.#wasOvertaken(before, page.revision)) this.#ask(page.revision);
        return this.#whole(page);
      case 'gap':
        this.#ask(page.revision);
        return undefined;
      case 'refused':
        log('objects refused', { message: page.message });
        return undefined;
    }
  }

  #whole({
    changed,
    startsOver,
    more,
  }: {
    changed: readonly ObjectName[];
    startsOver: boolean;
    more: boolean;
  }): readonly ObjectName[] {
    if (!startsOver && !this.#partial) return changed;
    const names = [...(this.#partial ?? []), ...changed];
    this.#partial = more ? names : undefined;
    return more ? [] : names;
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
