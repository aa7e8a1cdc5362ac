/**
 * Signed pages of the list for agents.
 *
 * Each page is made and signed once for all agents that request the same at about the same time: after a change, every
 * agent requests what follows the same revision.
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

/** Long enough for a fleet to ask, short enough that no agent gets an old page after a lost notice. */
const keptMilliseconds = 1000;
/** Connected agents are at most a few revisions apart. */
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
    // A list sent from the start carries its date to prove that it is current, so it is made for each request.
    if (revision !== 0) this.#keep(revision, { page, until: now + keptMilliseconds });
    return page;
  }

  /**
   * The list has changed. Call it before notifying any agent, so that no agent that asks for the change gets the older
   * page.
   */
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
    // A failure reaches only those who already asked; the next request tries again.
    kept.page.catch(() => {
      if (this.#kept.get(revision) === kept) this.#kept.delete(revision);
    });
  }
}
