/** A child process that prints events as JSON lines, and reads commands the same way. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export type Event = Readonly<Record<string, unknown>>;

/** Until an event counts as missing. Usually it comes within milliseconds; this allows for a busy machine. */
const timeoutMs = 90_000;

export class JsonProcess {
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
  readonly #name: string;
  readonly #events: Event[] = [];
  readonly #waiters = new Set<() => void>();

  constructor(
    program: string,
    args: readonly string[],
    options: { environment?: NodeJS.ProcessEnv; from?: 'stdout' | 'stderr' } = {},
  ) {
    this.#name = `${program} ${args.join(' ')}`.slice(-80);
    const environment = { ...process.env, ...options.environment };
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: environment });
    this.exited = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.stdin?.on('error', () => undefined);
    const [events, other] =
      options.from === 'stderr' ? [this.child.stderr, this.child.stdout] : [this.child.stdout, this.child.stderr];
    if (events) createInterface({ input: events }).on('line', (line) => this.#receive(line));
    if (other) createInterface({ input: other }).on('line', (line) => this.#receive(JSON.stringify({ said: line })));
    void this.exited.then((code) => this.#receive(JSON.stringify({ event: 'exit', code })));
  }

  send(message: Event): void {
    this.child.stdin?.write(`${JSON.stringify(message)}\n`);
  }

  /** The number of events so far; pass it as `after` to wait for later ones. */
  get count(): number {
    return this.#events.length;
  }

  eventsLike(matches: Event): Event[] {
    return this.#events.filter((event) => fits(event, matches));
  }

  /** Waits for the first event with these values, starting at event number `after`. */
  async next(matches: Event, after = 0): Promise<Event> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = this.#events.slice(after).find((event) => fits(event, matches));
      if (found) return found;
      if (Date.now() > deadline)
        throw new Error(`${this.#name} never printed ${JSON.stringify(matches)}. It printed:\n${this.#tail()}`);
      await this.#change(deadline);
    }
  }

  /** Sends a command, and waits for its answer. */
  async request(message: Event, answer: Event): Promise<Event> {
    const before = this.count;
    this.send(message);
    return this.next(answer, before);
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  #receive(line: string): void {
    this.#events.push(parse(line));
    for (const wake of this.#waiters) wake();
  }

  #change(deadline: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(1, deadline - Date.now() + 1));
      this.#waiters.add(done);
    });
  }

  #tail(): string {
    return this.#events
      .slice(-25)
      .map((event) => JSON.stringify(event).slice(0, 400))
      .join('\n');
  }
}

function parse(line: string): Event {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? { ...value } : { said: line };
  } catch {
    return { said: line };
  }
}

/** Whether `event` has every value of `desired`; nested objects are compared the same way. */
function fits(event: unknown, desired: unknown): boolean {
  if (typeof desired !== 'object' || desired === null) return Object.is(event, desired);
  if (typeof event !== 'object' || event === null) return false;
  return Object.entries(desired).every(([key, value]) =>
    fits(Object.entries(event).find(([name]) => name === key)?.[1], value),
  );
}
