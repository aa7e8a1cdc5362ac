/** GET /healthz: whether this node can still write. */
import { ConsoleRefusal } from './console-refusal.ts';
import type { Http } from './server.ts';

export interface HealthDeps {
  /** Resolves when a write succeeded. */
  readonly tryWriting: () => Promise<void>;
  readonly facts: () => Record<string, unknown>;
  readonly now: () => number;
}

/** Anybody may call it as often as they like; the database is asked only this often. */
const freshMilliseconds = 1000;
/** A database that hangs is as good as none. */
const writeTimeoutMs = 5000;

export function healthRoute(app: Http, deps: HealthDeps): void {
  let asked: { at: number; settled: boolean; answer: Promise<void> } | undefined;
  const ask = (at: number): NonNullable<typeof asked> => {
    const asking = { at, settled: false, answer: deps.tryWriting() };
    const settled = (): void => void (asking.settled = true);
    asking.answer.then(settled, settled);
    return asking;
  };
  app.get('/healthz', { schema: { hide: true } }, async () => {
    const now = deps.now();
    // One write at a time: those of a database that hangs would pile up.
    if (asked === undefined || (asked.settled && now - asked.at >= freshMilliseconds)) asked = ask(now);
    if (!(await isWritten(asked.answer))) throw unavailable();
    return { status: 'ok', ...deps.facts() };
  });
}

async function isWritten(answer: Promise<void>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), writeTimeoutMs);
  answer.then(
    () => resolve(true),
    (error: unknown) => {
      process.emitWarning(`The database cannot be written to: ${String(error)}`);
      resolve(false);
    },
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(): ConsoleRefusal {
  const message = 'The database cannot be written to at this moment. The log of the server has the cause.';
  return new ConsoleRefusal(503, 'database-unavailable', message);
}
