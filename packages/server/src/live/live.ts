/**
 * What changes, told to the people who look on. An event only says where to look: it is lossy, gathered for a quarter
 * of a second, and reaches those who are limited to folders only when it is of an agent in them.
 */
import { liveKinds } from '@cordon/protocol/console';
import type { LiveEvent, LiveKind } from '@cordon/protocol/console';
import { inScope } from '../access/scope.ts';
import type { Folders } from '../access/scope.ts';

/** Somebody who looks on. */
export interface Viewer {
  /** Names the session by which they do. */
  readonly session: string;
  readonly user: string;
  readonly scope: Folders;
  readonly send: (event: LiveEvent) => void;
  readonly end: () => void;
}

export interface LiveDeps {
  /** This run of this node: a node hears its own notices too. */
  readonly node: string;
  /** Tells the other nodes; lossy. */
  readonly notify: (topic: string) => void;
  /** Hears of every kind that has changed, here or elsewhere. */
  readonly changed: (kind: LiveKind) => void;
  /** The folders of these agents, by their ids; of those that there are. */
  readonly foldersOf: (agents: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Those of these sessions by which one may still look on. */
  readonly stillValid: (sessions: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** What was gathered of one kind. */
interface News {
  readonly kind: LiveKind;
  /** The agents that it is of, by their ids, as many as can be named. */
  readonly agents: readonly string[];
  readonly whole: boolean;
}

const gatherMilliseconds = 250;
/** Agents named in one event; with more of them, whoever looks on looks at everything again. */
const maxNamed = 200;
/**
 * Whoever is limited looks at everything again this often, whether something has changed or not: what was not told
 * by name must not show in the rhythm of what is told.
 */
const lookMilliseconds = 15_000;
/** A notice may be lost, and sessions end by time too; this long at most is anything sent to one that has ended. */
const judgeMilliseconds = 5000;
const prefix = 'live:';
/** In place of a kind: sessions have ended at that node. */
const sessionsTopic = 'sessions';
/** What everybody sees alike. */
const forEverybody: ReadonlySet<LiveKind> = new Set(['objects']);

export class Live {
  readonly #deps: LiveDeps;
  readonly #viewers = new Set<Viewer>();
  /** What this node has to tell, and what it has heard from others. */
  readonly #own = new Map<LiveKind, Set<string>>();
  readonly #heard = new Map<LiveKind, Set<string>>();
  readonly #timers: readonly NodeJS.Timeout[];
  #timer: NodeJS.Timeout | undefined;
  /** Queries under way; each waits for the one before. */
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

  /** Windows of one person. */
  viewersOf(user: string): number {
    let count = 0;
    for (const viewer of this.#viewers) if (viewer.user === user) count += 1;
    return count;
  }

  add(viewer: Viewer): void {
    this.#viewers.add(viewer);
  }

  remove(viewer: Viewer): void {
    this.#viewers.delete(viewer);
  }

  /** Something of `kind` was committed on this node; of these agents, or of more than can be named. */
  tell(kind: LiveKind, agents: readonly string[] = []): void {
    this.#deps.changed(kind);
    gather(this.#own, kind, agents);
    this.#soon();
  }

  /** The same, where the agents have to be asked for first. */
  tellOf(kind: LiveKind, agents: () => Promise<readonly string[]>): void {
    this.#ask(async () => this.tell(kind, await agents()));
  }

  /** Sessions have ended on this node: whoever looks on by one of them does so no longer, here and elsewhere. */
  sessionsEnded(): void {
    this.#deps.notify(`${prefix}${this.#deps.node}:${sessionsTopic}`);
    this.#ask(() => this.#judge());
  }

  /** A notice of another node; false when it is none of ours. */
  hear(topic: string): boolean {
    if (!topic.startsWith(prefix)) return false;
    const [node, kind, named = ''] = topic.slice(prefix.length).split(':');
    if (node === this.#deps.node) return true;
    if (kind === sessionsTopic) {
      this.#ask(() => this.#judge());
      return true;
    }
    const known = liveKinds.find((one) => one === kind);
    // A newer node's, which nobody here would understand.
    if (known === undefined) return true;
    this.#deps.changed(known);
    gather(this.#heard, known, named === '' ? [] : named.split(','));
    this.#soon();
    return true;
  }

  /** Hangs up on everybody. */
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
    const own = newsOf(this.#own);
    const all = [...own, ...newsOf(this.#heard)];
    for (const { kind, agents, whole } of own) {
      this.#deps.notify(`${prefix}${this.#deps.node}:${kind}:${whole ? agents.join(',') : ''}`);
    }
    for (const viewer of this.#viewers) {
      if (viewer.scope.length === 0) for (const news of all) viewer.send(eventOf(news));
    }
    if (this.#limited().length > 0) this.#ask(() => this.#tellLimited(all));
  }

  async #tellLimited(all: readonly News[]): Promise<void> {
    const named = new Set(all.flatMap((news) => news.agents));
    const folders = named.size === 0 ? new Map<string, string>() : await this.#deps.foldersOf([...named]);
    for (const viewer of this.#limited()) {
      for (const news of all) {
        const agents = news.agents.filter((agent) => isReached(viewer.scope, folders.get(agent)));
        if (agents.length > 0) viewer.send(eventOf({ ...news, agents }));
        else if (forEverybody.has(news.kind)) viewer.send({ kind: news.kind, ids: [] });
      }
    }
  }

  #sendToLook(): void {
    for (const viewer of this.#limited()) {
      for (const kind of liveKinds) if (!forEverybody.has(kind)) viewer.send({ kind, ids: [] });
    }
  }

  /** Hangs up on those whose session has ended; their browsers ask again, and are refused. */
  async #judge(): Promise<void> {
    const viewers = [...this.#viewers];
    if (viewers.length === 0) return;
    const stillValid = await this.#deps.stillValid([...new Set(viewers.map((viewer) => viewer.session))]);
    for (const viewer of viewers.filter((one) => !stillValid.has(one.session))) {
      this.#viewers.delete(viewer);
      viewer.end();
    }
  }

  #limited(): Viewer[] {
    return [...this.#viewers].filter((viewer) => viewer.scope.length > 0);
  }

  #ask(work: () => Promise<void>): void {
    this.#asking = this.#asking.then(work).catch((error: unknown) => {
      process.emitWarning(`Who looks on could not be told: ${String(error)}`); // They look again by themselves.
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

function newsOf(gathered: Map<LiveKind, Set<string>>): News[] {
  const all = [...gathered].map(([kind, names]) => ({
    kind,
    agents: [...names].filter((name) => name !== ''),
    whole: !names.has('') && names.size <= maxNamed,
  }));
  gathered.clear();
  return all;
}

/** Only agents are named; of the rest whoever looks on knows where to look. */
function eventOf({ kind, agents, whole }: News): LiveEvent {
  return { kind, ids: kind === 'agents' && whole ? [...agents] : [] };
}

function isReached(scope: Folders, folder: string | undefined): boolean {
  return folder !== undefined && inScope(scope, folder);
}
