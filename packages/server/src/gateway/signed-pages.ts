/**
 * Pages of the list for agents, each made and signed once for all who ask for the same at about the same moment: after
 * a change every agent asks for what follows the same revision.
 */
import { signDocument } from '@cordon/protocol/channel';
import type { SignedDocument } from '@cordon/protocol/channel';
import type { SuspiciousObjects } from '../suspicious-objects/objects.ts';
import type { SigningKey } from '../secrets/signing-key.ts';

export interface SignedPagesDeps {
  readonly objects: Pick<SuspiciousObjects, 'pageAfter'>;
  readonly key: SigningKey;
  readonly now: () => number;
}

/** Long enough for a fleet to ask, short enough that no agent is handed an old page after a lost notice. */
const keptMilliseconds = 1000;
/** Agents are at most a few revisions apart while they are connected. */
const maxKept = 16;

interface Kept {
  readonly page: Promise<SignedDocument>;
  readonly until: number;
}

export class SignedPages {
  readonly #deps: SignedPagesDeps;
  readonly #kept = new Map<number, Kept>();

  constructor(deps: SignedPagesDeps) {
    this.#deps = deps;
  }

  /** What follows a revision. */
  after(revision: number): Promise<SignedDocument> {
    const now = this.#deps.now();
    const kept = this.#kept.get(revision);
    if (kept !== undefined && now < kept.until) return kept.page;
    const page = this.#make(revision);
    // A list that begins anew carries its date as a proof that it is no old one; it is made for the one who asks.
    if (revision !== 0) this.#keep(revision, { page, until: now + keptMilliseconds });
    return page;
  }

  /** The list has changed: to be called before anybody is told, so that nobody who asks for the change gets the page before it. */
  forget(): void {
    this.#kept.clear();
  }

  async #make(revision: number): Promise<SignedDocument> {
    const page = { ...(await this.#deps.objects.pageAfter(revision)), issuedAt: this.#deps.now() };
    return signDocument('objects', page, this.#deps.key.privateKey);
  }

  #keep(revision: number, kept: Kept): void {
    if (this.#kept.size >= maxKept) this.#kept.clear();
    this.#kept.set(revision, kept);
    // A failure is for those who asked; the next one asks anew.
    kept.page.catch(() => {
      if (this.#kept.get(revision) === kept) this.#kept.delete(revision);
    });
  }
}
