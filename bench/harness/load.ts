/** Puts load on a server and measures it. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { processorSeconds } from './process-metrics.ts';

/** One run of the load generator, against 127.0.0.1. */
export interface Load {
  readonly port: number;
  readonly tls: boolean;
  /** A new connection for each request. */
  readonly fresh: boolean;
  readonly connections: number;
  readonly seconds: number;
  /** A file that holds the requests as a JSON list of texts. */
  readonly requests: string;
}

export interface Outcome {
  readonly seconds: number;
  /** Milliseconds from a request (or from the start of its connection) to the end of its answer. */
  readonly samples: number[];
  /** Answers that were not 200. */
  readonly wrong: number;
  readonly clientSeconds: number;
}

export interface Measured extends Outcome {
  readonly perSecond: number;
  /** The server's CPU time per request, in microseconds: the figure least affected by noise. */
  readonly serverMicroseconds: number;
  /** The share of a core that the client used; near 1, the client was the bottleneck. */
  readonly clientLoad: number;
}

export class LoadGenerator {
  readonly #child: ChildProcess = fork(new URL('load-generator.ts', import.meta.url), {
    serialization: 'advanced',
  });

  readonly #gone = new AbortController();

  constructor() {
    this.#child.once('exit', () => this.#gone.abort(new Error('The load generator ended.')));
  }

  /** `pid` is the server's. */
  async run(load: Load, pid: number): Promise<Measured> {
    const before = processorSeconds(pid);
    this.#child.send(load);
    const [outcome]: Outcome[] = await once(this.#child, 'message', { signal: this.#gone.signal });
    if (outcome === undefined) throw new Error('The load generator said nothing.');
    if (outcome.wrong > 0) throw new Error(`${outcome.wrong} of ${outcome.samples.length} answers were not 200.`);
    const count = outcome.samples.length;
    return {
      ...outcome,
      perSecond: count / outcome.seconds,
      serverMicroseconds: ((processorSeconds(pid) - before) / count) * 1e6,
      clientLoad: outcome.clientSeconds / outcome.seconds,
    };
  }

  close(): void {
    this.#child.kill();
  }
}
