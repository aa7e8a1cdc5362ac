/** GET /healthz: whether this node can still write. */
import type { Http } from './server.ts';

export interface HealthParts {
  /** Resolves when a write went through. */
  readonly tryWriting: () => Promise<void>;
  readonly facts: () => Record<string, unknown>;
  readonly now: () => number;
}

/** Strangers may ask as often as they like; the database is asked this often. */
const freshMilliseconds = 1000;

export function healthRoute(app: Http, parts: HealthParts): void {
  let asked: { at: number; answer: Promise<void> } | undefined;
  app.get('/healthz', { schema: { hide: true } }, async () => {
    const now = parts.now();
    if (asked === undefined || now - asked.at >= freshMilliseconds) asked = { at: now, answer: parts.tryWriting() };
    await asked.answer;
    return { status: 'ok', ...parts.facts() };
  });
}
