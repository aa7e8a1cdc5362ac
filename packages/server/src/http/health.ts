/** GET /healthz: whether this node can still write. */
import { ConsoleRefusal } from './console-refusal.ts';
import type { Http } from './server.ts';

export interface HealthDeps {
  /** Resolves when a write succeeded. */
  readonly tryWriting: () => Promise<void>;
  readonly now: () => number;
  readonly warn: (problem: string) => void;
}

/** Anybody may call it as often as they like; the database is asked only this often. */
const freshMs = 1000;
/** A database that hangs is as good as none. */
const writeTimeoutMs = 5000;

export function healthRoute(app: Http, deps: HealthDeps & { readonly facts: () => Record<string, unknown> }): void {
  const health = new Health(deps);
  app.get('/healthz', { schema: { hide: true } }, async () => {
    if (await health.isWell()) return { status: 'ok', ...deps.facts() };
    const message = 'The database cannot be written to at this moment. The log of the server has the cause.';
    throw new ConsoleRefusal(503, 'database-unavailable', message);
  });
}

export class Health {
  readonly #deps: HealthDeps;
  readonly #timeoutMs: number;
  #written: Promise<boolean> | undefined;
  #askedAt = 0;
  #isWriting = false;

  constructor(deps: HealthDeps, timeoutMs: number = writeTimeoutMs) {
    this.#deps = deps;
    this.#timeoutMs = timeoutMs;
  }

  /** False as well when a write takes too long. */
  async isWell(): Promise<boolean> {
    const now = this.#deps.now();
    // One write at a time: those of a database that hangs would pile up.
    if (this.#written === undefined || (!this.#isWriting && now - this.#askedAt >= freshMs)) {
      this.#askedAt = now;
      this.#written = this.#write();
    }
    const late = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => late.resolve(false), this.#timeoutMs);
    try {
      return await Promise.race([this.#written, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Warns once for the write, not once for each stranger who asks. */
  async #write(): Promise<boolean> {
    this.#isWriting = true;
    try {
      await this.#deps.tryWriting();
      return true;
    } catch (error) {
      this.#deps.warn(`The database cannot be written to: ${String(error)}`);
      return false;
    } finally {
      this.#isWriting = false;
    }
  }
}
