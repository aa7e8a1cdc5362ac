/** The server's own metrics, for Prometheus. */
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { FastifyRequest } from 'fastify';
import { ConsoleRefusal } from './console-refusal.ts';
import type { Http } from './server.ts';

/** The third is the first, as a listener on `::` sees it. */
const loopback = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

export interface Metrics {
  readonly registry: Registry;
  readonly refused: (reason: string) => void;
  /** Records the time from a commit to the proof of the isolation; undefined when a report shows nothing new. */
  readonly isolated: (afterMs: number | undefined) => void;
  readonly detected: (detections: readonly { action: string }[]) => void;
}

export function makeMetrics(now: { connectedAgents: () => number; openTasks: () => Promise<number> }): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const agents: Gauge = new Gauge({
    name: 'cordon_agents_connected',
    help: 'Agents with an open channel to this node.',
    registers,
    collect: (): void => agents.set(now.connectedAgents()),
  });
  const tasks: Gauge = new Gauge({
    name: 'cordon_tasks_open',
    help: 'Tasks that wait for an agent, on all nodes.',
    registers,
    collect: async (): Promise<void> => tasks.set(await now.openTasks()),
  });
  const refusals = new Counter({
    name: 'cordon_refusals_total',
    help: 'Refused requests.',
    labelNames: ['reason'],
    registers,
  });
  const detections = new Counter({
    name: 'cordon_detections_total',
    help: 'Detections that this node has stored.',
    labelNames: ['action'],
    registers,
  });
  const isolation = new Histogram({
    name: 'cordon_isolation_seconds',
    help: 'From the committed desired state to the stored proof that an endpoint is isolated.',
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3600],
    registers,
  });
  return {
    registry,
    refused: (reason) => refusals.inc({ reason }),
    isolated: (afterMs) => {
      if (afterMs !== undefined) isolation.observe(afterMs / 1000);
    },
    detected: (some) => some.forEach(({ action }) => detections.inc({ action })),
  };
}

/** GET /metrics: for this machine, or with the token. */
export function metricsRoute(app: Http, metrics: Metrics, token: string | undefined): void {
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    if (!mayRead(request, token)) {
      throw new ConsoleRefusal(
        403,
        'metrics-closed',
        'Metrics are served to this machine only. Elsewhere, send CORDON_METRICS_TOKEN as a bearer token.',
      );
    }
    await reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}

function mayRead(request: FastifyRequest, token: string | undefined): boolean {
  return loopback.has(request.ip) || (token !== undefined && request.headers.authorization === `Bearer ${token}`);
}
