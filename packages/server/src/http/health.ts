/** GET /healthz: whether this node can still write. */
import type { Http } from './server.ts';

export interface HealthDeps {
  /** Resolves when a write succeeded. */
  readonly tryWriting: () => Promise<void>;
  readonly facts: () => Record<string, unknown>;
  readonly now: () => number;
}

/** Anybody may call it as often as they like; the database is asked only this often. */
const freshMilliseconds = 1000;

export function healthRoute(app: Http, deps: HealthDeps): void {
  let asked: { at: number; answer: Promise<void> } | undefined;
  app.get('/healthz', { schema: { hide: true } }, async () => {
    const now = deps.now();
    if (asked === undefined || now - asked.at >= freshMilliseconds) asked = { at: now, answer: deps.tryWriting() };
    await asked.answer;
    return { status: 'ok', ...deps.facts() };
  });
}
