/** The file rules that the enforcer sent: replaced as a whole, or changed from one revision to the next. */
import type { FileRule, ToOnAccess } from '../ipc/worker-messages.ts';

type RulesChanged = Omit<Extract<ToOnAccess, { type: 'rules-changed' }>, 'type'>;

export class RuleList {
  readonly #rules = new Map<string, FileRule>();
  #revision = 0;

  /** 0 before the first rules. */
  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#rules.size;
  }

  rules(): Iterable<FileRule> {
    return this.#rules.values();
  }

  replace(revision: number, files: readonly FileRule[]): void {
    this.#rules.clear();
    for (const rule of files) this.#rules.set(rule.sha1, rule);
    this.#revision = revision;
  }

  /** False, and nothing is changed, when this does not follow our revision: then request all of them with `hello`. */
  change({ after, revision, put, remove }: RulesChanged): boolean {
    if (after !== this.#revision) return false;
    for (const sha1 of remove) this.#rules.delete(sha1);
    for (const rule of put) this.#rules.set(rule.sha1, rule);
    this.#revision = revision;
    return true;
  }
}
