/** The cluster's notices: how they end. */
import { describe, expect, it } from 'vitest';
import { ClusterBus } from './cluster-bus.ts';

describe('a cluster bus that is closed', () => {
  it.each(['objects', 'task:one', 'agents:1'])('waits for the notice "%s" that it is handling', async (topic) => {
    const gate = Promise.withResolvers<void>();
    const { bus, notice, calls } = await opened(gate.promise);
    notice(topic);
    let isClosed = false;
    const closing = bus.close().then(() => {
      isClosed = true;
    });
    await new Promise(setImmediate);
    expect(isClosed).toBe(false);
    gate.resolve();
    await closing;
    expect(isClosed).toBe(true);
    const before = calls.length;
    notice(topic);
    await new Promise(setImmediate);
    expect(calls).toHaveLength(before);
  });

  it('does not look once more for a notice that came during the last poll', async () => {
    const gate = Promise.withResolvers<void>();
    const { bus, notice, calls } = await opened(gate.promise);
    notice('objects');
    notice('objects');
    const closing = bus.close();
    gate.resolve();
    await closing;
    expect(calls.filter((one) => one === 'refresh')).toHaveLength(1);
  });

  it('looks once more, and not twice, for notices that came during a poll', async () => {
    const gate = Promise.withResolvers<void>();
    const { bus, notice, calls } = await opened(gate.promise);
    for (let times = 0; times < 3; times += 1) notice('objects');
    gate.resolve();
    await new Promise(setImmediate);
    await bus.close();
    expect(calls.filter((one) => one === 'refresh')).toHaveLength(2);
  });
});

interface Opened {
  readonly bus: ClusterBus;
  /** What the bus called, in order. */
  readonly calls: readonly string[];
  readonly notice: (topic: string) => void;
}

/** A bus whose calls wait for `gate`. */
async function opened(gate: Promise<void>): Promise<Opened> {
  const calls: string[] = [];
  const called = (name: string) => async (): Promise<void> => {
    calls.push(name);
    await gate;
  };
  const listeners: ((topic: string) => void)[] = [];
  const bus = new ClusterBus({
    database: {
      isShared: true,
      listen: async (listener) => {
        listeners.push(listener);
      },
      notify: () => {},
    },
    now: () => 0,
    outbound: {
      announceObjects: called('objects'),
      sendDesired: called('desired'),
      sendDesiredOf: called('desired'),
      sendTask: called('task'),
    },
    refresh: called('refresh'),
    desiredSince: async () => [],
    tasksSince: async () => [],
    objectsRevision: async () => 0,
    takeLive: () => false,
  });
  await bus.start();
  return { bus, calls, notice: (topic) => listeners.forEach((listener) => listener(topic)) };
}
