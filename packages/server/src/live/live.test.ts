/** Live events: who receives them, when, and until when. */
import { afterEach, describe, expect, it } from 'vitest';
import type { LiveEvent } from '@cordon/protocol/console';
import { eventually } from '../../../../test/harness/eventually.ts';
import { Live } from './live.ts';

const folders = new Map([
  ['p1', 'Workgroup\\Paris'],
  ['p2', 'Workgroup/Paris/Lab'],
  ['b1', 'Workgroup\\Berlin'],
]);

const opened: Live[] = [];
afterEach(async () => {
  for (const live of opened.splice(0)) await live.close();
});

interface Room {
  readonly live: Live;
  readonly notices: string[];
  readonly stillValid: Set<string>;
}

function room(node = 'here'): Room {
  const notices: string[] = [];
  const stillValid = new Set(['s1', 's2']);
  const live = new Live({
    node,
    notify: (topic) => notices.push(topic),
    changed: () => {},
    foldersOf: async (ids) =>
      new Map([...folders].filter(([id]) => ids.includes(id)).map(([id, folder]) => [id, folder])),
    stillValid: async (sessions) => new Set(sessions.filter((one) => stillValid.has(one))),
  });
  opened.push(live);
  return { live, notices, stillValid };
}

function viewer(live: Live, scope: readonly string[], session = 's1'): { events: LiveEvent[]; ended: () => boolean } {
  const events: LiveEvent[] = [];
  let ended = false;
  live.add({
    session,
    user: 'ada',
    scope,
    send: (event) => events.push(event),
    end: () => {
      ended = true;
    },
  });
  return { events, ended: () => ended };
}

function some(events: readonly LiveEvent[]): Promise<true> {
  return eventually('events come', () => events.length > 0 || undefined);
}

describe('an account that is limited to folders', () => {
  it('hears of the agents in them and of nothing else, not even that something was', async () => {
    const { live } = room();
    const [paris, everybody] = [viewer(live, ['Workgroup\\Paris']), viewer(live, [])];
    live.publish('agents', ['b1', 'p2', 'unknown']);
    live.publish('commands', ['b1']);
    live.publish('detections', ['b1']);
    live.publish('tasks', ['b1', 'p1']);
    live.publish('approvals');
    await some(paris.events);
    expect(paris.events).toEqual([
      { kind: 'agents', ids: ['p2'] },
      { kind: 'tasks', ids: [] },
    ]);
    expect(everybody.events).toEqual([
      { kind: 'agents', ids: ['b1', 'p2', 'unknown'] },
      { kind: 'commands', ids: [] },
      { kind: 'detections', ids: [] },
      { kind: 'tasks', ids: [] },
      { kind: 'approvals', ids: [] },
    ]);
  });

  it('hears of the list of suspicious objects, which is for everybody', async () => {
    const { live } = room();
    const paris = viewer(live, ['Workgroup\\Paris']);
    live.publish('objects');
    await some(paris.events);
    expect(paris.events).toEqual([{ kind: 'objects', ids: [] }]);
  });

  it('receives the same of what another node has published', async () => {
    const there = room('there');
    there.live.publish('detections', ['b1']);
    there.live.publish('commands', ['p1']);
    await eventually('the node has published', () => there.notices.length === 2 || undefined);
    const { live } = room();
    const paris = viewer(live, ['Workgroup\\Paris']);
    for (const notice of there.notices) expect(live.receive(notice)).toBe(true);
    await some(paris.events);
    expect(paris.events).toEqual([{ kind: 'commands', ids: [] }]);
  });
});

describe('sessions that have ended', () => {
  it('are hung up on at once, and no other', async () => {
    const { live, stillValid, notices } = room();
    const [ending, staying] = [viewer(live, [], 's1'), viewer(live, [], 's2')];
    stillValid.delete('s1');
    live.sessionsEnded();
    await eventually('the one is hung up on', () => ending.ended() || undefined);
    expect([staying.ended(), live.viewers]).toEqual([false, 1]);
    expect(notices).toEqual(['live:here:sessions']);
    live.publish('objects');
    await some(staying.events);
    expect(ending.events).toEqual([]);
  });

  it('are hung up on by every other node that hears of it', async () => {
    const { live, stillValid } = room();
    const ending = viewer(live, [], 's1');
    stillValid.delete('s1');
    expect(live.receive('live:there:sessions')).toBe(true);
    await eventually('it is hung up on', () => ending.ended() || undefined);
  });
});
