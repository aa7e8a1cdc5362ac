/** Starts the server to compare with: plain Node that does nothing else. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { watchStalls } from './process-metrics.ts';

export interface Baseline {
  readonly pid: number;
  readonly http: number;
  readonly https: number;
  readonly longestStall: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** With the certificate of the server whose data directory this is. */
export async function startBaseline(data: string): Promise<Baseline> {
  const watch = await watchStalls();
  const child = fork(new URL('baseline-server.ts', import.meta.url), [], {
    env: {
      ...process.env,
      ...watch.environment,
      BASELINE_CERTIFICATE: join(data, 'tls.crt'),
      BASELINE_KEY: join(data, 'tls.key'),
      BASELINE_DATABASE: join(data, 'cordon.sqlite'),
    },
  });
  const [ports]: { http: number; https: number }[] = await once(child, 'message');
  if (ports === undefined) throw new Error('The baseline server sent nothing.');
  return {
    pid: child.pid ?? 0,
    ...ports,
    longestStall: watch.longestStall,
    close: async () => {
      child.kill();
      await watch.close();
    },
  };
}
