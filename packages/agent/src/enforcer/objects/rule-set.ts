/** The file rules that one worker holds, and which messages bring it to the right ones. */
import type { ObjectEntry, ObjectName } from '@cordon/protocol/channel';
import { isExpired } from '../../matching/effective-action.ts';
import type { View } from '../../matching/effective-action.ts';
import type { FileRule, ToScanner } from '../../ipc/worker-messages.ts';
import { fileRule, isFile, sameRule } from './file-rules.ts';

export type RulesMessage = Extract<ToScanner, { type: 'rules' | 'rules-changed' }>;

/** The list, as far as it matters here. */
export interface Listed {
  list(): ObjectEntry[];
  get(name: ObjectName): ObjectEntry | undefined;
}

export interface RuleSetOptions {
  readonly listed: Listed;
  readonly view: View;
  /** Never used by an earlier enforcer process: a worker may remember a revision from one. */
  readonly firstRevision: number;
  readonly now: number;
}

export class RuleSet {
  readonly #listed: Listed;
  readonly #rules = new Map<string, FileRule>();
  #view: View;
  #revision: number;
  #nextExpiry = Infinity;

  constructor({ listed, view, firstRevision, now }: RuleSetOptions) {
    this.#listed = listed;
    this.#view = view;
    this.#revision = firstRevision;
    this.#reconsider(this.#all(), now);
  }

  get revision(): number {
    return this.#revision;
  }

  get size(): number {
    return this.#rules.size;
  }

  /** When the next rule expires. */
  get nextExpiry(): number {
    return this.#nextExpiry;
  }

  rule(sha1: string): FileRule | undefined {
    return this.#rules.get(sha1);
  }

  rules(): FileRule[] {
    return [...this.#rules.values()];
  }

  /** All rules, for a worker that holds something else. */
  whole(): RulesMessage {
    return { type: 'rules', revision: this.#revision, files: this.rules() };
  }

  /** Other settings. Undefined when they make no difference. */
  look(view: View, now: number): RulesMessage | undefined {
    if (view.group === this.#view.group && view.mode === this.#view.mode) return undefined;
    this.#view = view;
    return this.#change(this.#all(), now);
  }

  /** These are new, different or removed. The cost depends on their number, however long the list is. */
  changed(names: readonly ObjectName[], now: number): RulesMessage | undefined {
    return this.#change(new Set(names.filter(isFile).map((name) => name.content)), now);
  }

  /** Time has passed. */
  expire(now: number): RulesMessage | undefined {
    if (now < this.#nextExpiry) return undefined;
    const over = this.rules().filter((rule) => isExpired(rule, now));
    return this.#change(new Set(over.map((rule) => rule.sha1)), now);
  }

  #change(contents: ReadonlySet<string>, now: number): RulesMessage | undefined {
    const after = this.#revision;
    const { put, remove } = this.#reconsider(contents, now);
    if (put.length === 0 && remove.length === 0) return undefined;
    this.#revision += 1;
    const { revision } = this;
    return put.length > this.#rules.size / 2 ? this.whole() : { type: 'rules-changed', after, revision, put, remove };
  }

  #reconsider(contents: ReadonlySet<string>, now: number): { put: FileRule[]; remove: string[] } {
    const put: FileRule[] = [];
    const remove: string[] = [];
    for (const content of contents) {
      const before = this.#rules.get(content);
      const rule = this.#ruleFor(content, now);
      if (rule && (!before || !sameRule(before, rule))) put.push(rule);
      if (rule) this.#rules.set(content, rule);
      else if (this.#rules.delete(content)) remove.push(content);
    }
    this.#nextExpiry = this.#firstExpiry();
    return { put, remove };
  }

  /** No rules while nothing is looked for. */
  #ruleFor(content: string, now: number): FileRule | undefined {
    if (this.#view.mode === 'off') return undefined;
    const listed = [
      this.#listed.get({ type: 'file', content }),
      this.#listed.get({ type: 'file_sha1', content }),
    ].filter((object) => object !== undefined);
    return fileRule(listed, this.#view, now);
  }

  #all(): Set<string> {
    return new Set([
      ...this.#rules.keys(),
      ...this.#listed
        .list()
        .filter(isFile)
        .map((object) => object.content),
    ]);
  }

  #firstExpiry(): number {
    let first = Infinity;
    for (const { expiresAt } of this.#rules.values()) {
      if (expiresAt !== null && expiresAt < first) first = expiresAt;
    }
    return first;
  }
}
