/**
 * What changes, told to the people who look on. An event only says where to look: it is lossy, gathered for a quarter
 * of a second, and tells those who are limited to folders no agent by name.
 */
import { liveKinds } from '@cordon/protocol/console';
import type { LiveEvent, LiveKind } from '@cordon/protocol/console';

/** Somebody who looks on. */
export interface Viewer {
  /** Whether they may hear of agents by name. */
  readonly seesAll: boolean;
  readonly send: (event: LiveEvent) => void;
  readonly end: () => void;
}

export interface LiveParts {
  /** This run of this node: a node hears its own notices too. */
  readonly node: string;
  /** Tells the other nodes; lossy. */
  readonly notify: (topic: string) => void;
  /** Hears of every kind that has changed, here or elsewhere. */
  readonly changed: (kind: LiveKind) => void;
}

const gatherMilliseconds = 250;
/** Agents named in one event; with more of them, whoever looks on looks at everything again. */
const mostNamed = 200;
const prefix = 'live:';

export class Live {
  readonly #parts: LiveParts;
  readonly #viewers = new Set<Viewer>();
  /** What this node has to tell, and what it has heard from others. */
  readonly #own = new Map<LiveKind, Set<string>>();
  readonly #heard = new Map<LiveKind, Set<string>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  add(viewer: Viewer): void {
    this.#viewers.add(viewer);
  }

  remove(viewer: Viewer): void {
    this.#viewers.delete(viewer);
  }

  /** Something of `kind` was committed on this node. */
  tell(kind: LiveKind, ids: readonly string[] = []): void {
    this.#parts.changed(kind);
    gather(this.#own, kind, ids);
    this.#soon();
  }

  /** A notice of another node; false when it is none of ours. */
  hear(topic: string): boolean {
    if (!topic.startsWith(prefix)) return false;
    const [node, kind, named = ''] = topic.slice(prefix.length).split(':');
    const known = liveKinds.find((one) => one === kind);
    // Our own, or a newer node's, which nobody here would understand.
    if (node === this.#parts.node || known === undefined) return true;
    this.#parts.changed(known);
    gather(this.#heard, known, named === '' ? [] : named.split(','));
    this.#soon();
    return true;
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const viewer of this.#viewers) viewer.end();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.#flush(), gatherMilliseconds).unref();
  }

  #flush(): void {
    this.#timer = undefined;
    const own = eventsOf(this.#own);
    const all = [...own, ...eventsOf(this.#heard)];
    for (const { kind, ids } of own) this.#parts.notify(`${prefix}${this.#parts.node}:${kind}:${ids.join(',')}`);
    for (const event of all) {
      for (const viewer of this.#viewers) viewer.send(viewer.seesAll ? event : { kind: event.kind, ids: [] });
    }
  }
}

/** An empty name stands for "more than can be named". */
function gather(into: Map<LiveKind, Set<string>>, kind: LiveKind, ids: readonly string[]): void {
  const names = into.get(kind) ?? new Set();
  into.set(kind, names);
  if (ids.length === 0) names.add('');
  for (const id of ids) if (names.size <= mostNamed) names.add(id);
}

function eventsOf(gathered: Map<LiveKind, Set<string>>): LiveEvent[] {
  const events = [...gathered].map(([kind, names]) => ({
    kind,
    ids: names.has('') || names.size > mostNamed ? [] : [...names],
  }));
  gathered.clear();
  return events;
}
