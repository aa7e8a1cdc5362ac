/**
 * Publishes changes to the people who watch live pages.
 *
 * An event only says where to look. Events may be lost, are collected for a quarter of a second, and reach accounts
 * with a scope only when they concern an agent in it.
 */
import { liveKinds } from '@cordon/protocol/console';
import type { LiveEvent, LiveKind } from '@cordon/protocol/console';
import { inScope } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';

/** A window that receives live events. */
export interface Window {
  /** Identifies its session. */
  readonly session: string;
  readonly user: string;
  readonly scope: Folders;
  readonly send: (event: LiveEvent) => void;
  readonly end: () => void;
}

export interface LiveDeps {
  /** Identifies this run of this node: a node receives its own notices too. */
  readonly node: string;
  /** Notifies the other nodes; may be lost. */
  readonly notify: (topic: string) => void;
  /** Called with every kind that has changed, here or elsewhere. */
  readonly changed: (kind: LiveKind) => void;
  /** The folders of these agents by ID; unknown agents are left out. */
  readonly foldersOf: (agents: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Those of these sessions that are still valid. */
  readonly stillValid: (sessions: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** The collected changes of one kind. */
interface KindChange {
  readonly kind: LiveKind;
  /** The IDs of the agents concerned, as many as can be named. */
  readonly agents: readonly string[];
  readonly whole: boolean;
}

const gatherMilliseconds = 250;
/** Agents named in one event; with more, every window reloads everything. */
const maxNamed = 200;
/**
 * Windows of accounts with a scope reload everything this often, whether something has changed or not: the timing of
 * events must not reveal changes of agents outside the scope.
 */
const lookMilliseconds = 15_000;
/** A notice may be lost, and sessions also end by time; an ended session receives events for at most this long. */
const judgeMilliseconds = 5000;
const prefix = 'live:';
/** Instead of a kind: sessions have ended at that node. */
const sessionsTopic = 'sessions';
/** Kinds that everybody may see. */
const forEverybody: ReadonlySet<LiveKind> = new Set(['objects']);

export class Live {
  readonly #deps: LiveDeps;
  readonly #viewers = new Set<Window>();
  /** Changes of this node to publish, and changes received from others. */
  readonly #own = new Map<LiveKind, Set<string>>();
  readonly #received = new Map<LiveKind, Set<string>>();
  readonly #timers: readonly NodeJS.Timeout[];
  #timer: NodeJS.Timeout | undefined;
  /** Running queries; each waits for the one before. */
  #asking: Promise<void> = Promise.resolve();

  constructor(deps: LiveDeps) {
    this.#deps = deps;
    this.#timers = [
      setInterval(() => this.#ask(() => this.#judge()), judgeMilliseconds).unref(),
      setInterval(() => this.#sendToLook(), lookMilliseconds).unref(),
    ];
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** The windows of one account. */
  viewersOf(user: string): number {
    let count = 0;
    for (const viewer of this.#viewers) if (viewer.user === user) count += 1;
    return count;
  }

  add(viewer: Window): void {
    this.#viewers.add(viewer);
  }

  remove(viewer: Window): void {
    this.#viewers.delete(viewer);
  }

  /** Something of `kind` was committed on this node, for these agents, or for more than can be named. */
  publish(kind: LiveKind, agents: readonly string[] = []): void {
    this.#deps.changed(kind);
    gather(this.#own, kind, agents);
    this.#soon();
  }

  /** The same, where the agents have to be queried first. */
  publishOf(kind: LiveKind, agents: () => Promise<readonly string[]>): void {
    this.#ask(async () => this.publish(kind, await agents()));
  }

  /** Sessions have ended on this node: their windows are closed, here and on other nodes. */
  sessionsEnded(): void {
    this.#deps.notify(`${prefix}${this.#deps.node}:${sessionsTopic}`);
    this.#ask(() => this.#judge());
  }

  /** Handles a notice of another node; false when it is not for live pages. */
  receive(topic: string): boolean {
    if (!topic.startsWith(prefix)) return false;
    const [node, kind, named = ''] = topic.slice(prefix.length).split(':');
    if (node === this.#deps.node) return true;
    if (kind === sessionsTopic) {
      this.#ask(() => this.#judge());
      return true;
    }
    const known = liveKinds.find((one) => one === kind);
    // From a newer node; this version does not know the kind.
    if (known === undefined) return true;
    this.#deps.changed(known);
    gather(this.#received, known, named === '' ? [] : named.split(','));
    this.#soon();
    return true;
  }

  /** Closes every window. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    clearTimeout(this.#timer);
    for (const viewer of this.#viewers) viewer.end();
    this.#viewers.clear();
    await this.#asking;
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.#flush(), gatherMilliseconds).unref();
  }

  #flush(): void {
    this.#timer = undefined;
    const own = changesOf(this.#own);
    const all = [...own, ...changesOf(this.#received)];
    for (const { kind, agents, whole } of own) {
      this.#deps.notify(`${prefix}${this.#deps.node}:${kind}:${whole ? agents.join(',') : ''}`);
    }
    for (const viewer of this.#viewers) {
      if (viewer.scope.length === 0) for (const change of all) viewer.send(eventOf(change));
    }
    if (this.#limited().length > 0) this.#ask(() => this.#sendToLimited(all));
  }

  async #sendToLimited(all: readonly KindChange[]): Promise<void> {
    const named = new Set(all.flatMap((change) => change.agents));
    const folders = named.size === 0 ? new Map<string, string>() : await this.#deps.foldersOf([...named]);
    for (const viewer of this.#limited()) {
      for (const change of all) {
        const agents = change.agents.filter((agent) => isReached(viewer.scope, folders.get(agent)));
        if (agents.length > 0) viewer.send(eventOf({ ...change, agents }));
        else if (forEverybody.has(change.kind)) viewer.send({ kind: change.kind, ids: [] });
      }
    }
  }

  #sendToLook(): void {
    for (const viewer of this.#limited()) {
      for (const kind of liveKinds) if (!forEverybody.has(kind)) viewer.send({ kind, ids: [] });
    }
  }

  /** Closes windows whose session has ended; their browsers ask again, and are refused. */
  async #judge(): Promise<void> {
    const viewers = [...this.#viewers];
    if (viewers.length === 0) return;
    const stillValid = await this.#deps.stillValid([...new Set(viewers.map((viewer) => viewer.session))]);
    for (const viewer of viewers.filter((one) => !stillValid.has(one.session))) {
      this.#viewers.delete(viewer);
      viewer.end();
    }
  }

  #limited(): Window[] {
    return [...this.#viewers].filter((viewer) => viewer.scope.length > 0);
  }

  #ask(work: () => Promise<void>): void {
    this.#asking = this.#asking.then(work).catch((error: unknown) => {
      process.emitWarning(`Live windows could not be notified: ${String(error)}`); // They reload by themselves.
    });
  }
}

/** An empty name stands for "more than can be named". */
function gather(into: Map<LiveKind, Set<string>>, kind: LiveKind, agents: readonly string[]): void {
  const names = into.get(kind) ?? new Set();
  into.set(kind, names);
  if (agents.length === 0) names.add('');
  for (const agent of agents) if (names.size <= maxNamed) names.add(agent);
}

function changesOf(gathered: Map<LiveKind, Set<string>>): KindChange[] {
  const all = [...gathered].map(([kind, names]) => ({
    kind,
    agents: [...names].filter((name) => name !== ''),
    whole: !names.has('') && names.size <= maxNamed,
  }));
  gathered.clear();
  return all;
}

/** Only agents are named; for every other kind the window knows where to look. */
function eventOf({ kind, agents, whole }: KindChange): LiveEvent {
  return { kind, ids: kind === 'agents' && whole ? [...agents] : [] };
}

function isReached(scope: Folders, folder: string | undefined): boolean {
  return folder !== undefined && inScope(scope, folder);
}
