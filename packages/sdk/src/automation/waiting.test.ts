/** Following agents: to the goal, to a failure, past the timeout, through a short outage. */
import { describe, expect, it } from 'vitest';
import { readAgent } from './agent.ts';
import type { Agent, AgentQuery } from './agent.ts';
import { CordonError, NetworkError, ProtocolError, usage } from '../errors.ts';
import { outcomeOf, settle } from './outcomes.ts';
import type { FollowedAct } from './outcomes.ts';
import { waitForAgents } from './waiting.ts';
import type { WaitGoal, WaitOptions } from './waiting.ts';

function agent(status: string, id = 'A', rest: object = {}): Agent {
  return readAgent({ entity_id: id, host_name: `host-${id}`, isolation_status: status, ...rest });
}

/** Waits over a script of polls; the last one repeats. The clock advances a second with each poll. */
async function waiting(
  looks: (Agent[] | Error)[],
  goal: WaitGoal,
  options: WaitOptions & { who?: readonly string[] } = {},
): Promise<{ agents: Agent[]; queries: AgentQuery[] }> {
  const queries: AgentQuery[] = [];
  let now = 0;
  const list = async (query: AgentQuery): Promise<Agent[]> => {
    const look = looks[Math.min(queries.length, looks.length - 1)] ?? [];
    queries.push(query);
    now += 1000;
    if (look instanceof Error) throw look;
    return look;
  };
  const agents = await waitForAgents({ who: options.who ?? 'A', goal, list, now: () => now }, options);
  return { agents, queries };
}

const outage = new NetworkError('h', { code: 'ECONNRESET', message: 'Gone.', hint: '' });

describe('waiting for isolation', () => {
  it('ends when the agent is isolated, and reports each status once', async () => {
    const reported: string[] = [];
    const pending = agent('endpoint_isolation_pending');
    const { agents } = await waiting([[agent('normal')], [pending], [pending], [agent('isolated')]], 'isolated', {
      onStatus: ({ isolation }) => reported.push(isolation),
    });
    expect(agents.map(({ isolation }) => isolation)).toEqual(['isolated']);
    expect(reported).toEqual(['normal', 'isolating', 'isolated']);
  });

  it('follows several agents with one request a look', async () => {
    const looks = [
      [agent('isolated', 'a'), agent('normal', 'B'), agent('weird', 'C')],
      [agent('isolated', 'a'), agent('isolated', 'B')],
    ];
    const { agents, queries } = await waiting(looks, 'isolated', { who: ['A', 'b'] });
    expect(agents).toHaveLength(2);
    expect(queries).toEqual([{}, {}]);
  });

  it.each([
    ['broken', 'host-A (A) cannot become isolated: its status is "broken".'],
    ['not_supported', 'host-A (A) cannot become isolated: its status is "not_supported".'],
  ])('fails at once on the status %s', async (status, message) => {
    await expect(waiting([[agent(status)]], 'isolated')).rejects.toMatchObject({ kind: 'failed', message });
  });

  it('fails when the agent leaves the list', async () => {
    const looks = [[agent('endpoint_isolation_pending')], []];
    await expect(waiting(looks, 'isolated')).rejects.toMatchObject({ kind: 'failed' });
  });

  it('ends after the time allowed, and says what to expect of an agent that is offline', async () => {
    const pending = agent('endpoint_isolation_pending', 'A', { connection_status: 'Offline' });
    await expect(waiting([[pending]], 'isolated', { timeoutSeconds: 2 })).rejects.toMatchObject({
      kind: 'timeout',
      message: 'host-A (endpoint_isolation_pending) is not isolated after 2 s.',
      hint: 'The endpoint is offline. The request stays in force and takes effect when the endpoint is back online.',
    });
  });

  it('survives a short outage, but not one at the first look', async () => {
    const looks = [[agent('normal')], outage, outage, [agent('isolated')]];
    expect((await waiting(looks, 'isolated')).agents).toHaveLength(1);
    await expect(waiting([outage], 'isolated')).rejects.toBe(outage);
  });

  it('survives a proxy that has no server for a while', async () => {
    const unavailable = new ProtocolError('h answered HTTP 503.', { httpStatus: 503, body: '', hint: '' });
    const gateway = new ProtocolError('h answered HTTP 502.', { httpStatus: 502, body: '', hint: '' });
    const looks = [[agent('normal')], unavailable, gateway, [agent('isolated')]];
    expect((await waiting(looks, 'isolated')).agents).toHaveLength(1);
  });

  it('gives up on an answer that will stay as it is', async () => {
    const page = new ProtocolError('h answered HTTP 200.', { httpStatus: 200, body: 'a page', hint: '' });
    await expect(waiting([[agent('normal')], page], 'isolated')).rejects.toBe(page);
  });

  it('survives no refusal', async () => {
    const refusal = usage('No.');
    await expect(waiting([[agent('normal')], refusal], 'isolated')).rejects.toBe(refusal);
  });

  it('ends on the signal, in the middle of a pause', async () => {
    const controller = new AbortController();
    const onStatus = (): void => void setTimeout(() => controller.abort(), 1);
    const wait = waiting([[agent('normal')]], 'isolated', { signal: controller.signal, onStatus });
    await expect(wait).rejects.toMatchObject({ kind: 'aborted' });
  });
});

describe('waiting for removal', () => {
  it('ends when the list no longer has the agents, and gives them as last seen', async () => {
    const { agents } = await waiting([[agent('isolated')], []], 'removed');
    expect(agents.map(({ entityId }) => entityId)).toEqual(['A']);
  });
});

describe('an act that is followed', () => {
  it('has reached its agents', async () => {
    expect(await followed([[agent('isolated')]])).toMatchObject({ outcome: 'reached', agents: [{ entityId: 'A' }] });
  });

  it('is late, and names those that are behind', async () => {
    const outcome = await followed([[agent('endpoint_isolation_pending')]], { timeoutSeconds: 3 });
    expect(outcome).toMatchObject({
      outcome: 'late',
      behind: [{ hostName: 'host-A', isolation: 'isolating' }],
      message: 'host-A (endpoint_isolation_pending) is not isolated after 3 s.',
    });
  });

  it('is lost where an agent cannot get there any more', async () => {
    expect(await followed([[agent('not_supported')]])).toMatchObject({ outcome: 'lost' });
  });

  it('was for nobody when nothing that matched can do it', async () => {
    expect(await outcomeOf({ ordered: [], goal: 'isolated', options: {}, wait: never })).toEqual({
      outcome: 'nobody',
    });
  });

  it('rejects for what is no outcome', async () => {
    await expect(followed([usage('no')])).rejects.toMatchObject({ kind: 'usage' });
  });
});

describe('settle', () => {
  it('gives the value, or the failure by its kind, and lets bugs through', async () => {
    expect(await settle(Promise.resolve(7))).toEqual({ ok: true, value: 7 });
    const settled = await settle(Promise.reject(outage));
    expect(!settled.ok && settled.error.kind === 'network' && settled.error.host).toBe('h');
    expect(await settle(Promise.reject(new CordonError('timeout', 'late')))).toMatchObject({ ok: false });
    await expect(settle(Promise.reject(new TypeError('bug')))).rejects.toThrow('bug');
  });
});

function followed(looks: (Agent[] | Error)[], options: WaitOptions = {}): Promise<FollowedAct> {
  return outcomeOf({
    ordered: [agent('normal')],
    goal: 'isolated',
    options,
    wait: async (_ids, goal, given) => (await waiting(looks, goal, given)).agents,
  });
}

function never(): Promise<Agent[]> {
  return Promise.reject(new Error('Nobody is to be waited for.'));
}
