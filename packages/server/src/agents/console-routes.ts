/** Agents in the console API: the list that people search and scroll, and one agent. */
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { consolePaths } from '@cordon/protocol/console';
import type { AgentDetails as Details, BreakGlassCodes as Codes } from '@cordon/protocol/console';
import { AgentDetails, AgentPage, BreakGlassCodes, ChangeAgent } from '@cordon/protocol/console/schemas';
import { requirePermission, scopeOf, to } from '../access/request-access.ts';
import { inScope } from '../access/scope.ts';
import type { ObjectEnforcementStatus } from '@cordon/protocol/channel';
import { fromJson } from '../database/json.ts';
import type { Json } from '../database/json.ts';
import { personActor } from '../audit/actors.ts';
import type { Actor } from '../audit/audit.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import type { Http } from '../http/server.ts';
import type { Agents } from './agents.ts';
import { isolationOf } from './isolation.ts';
import type { AgentList } from './list.ts';
import type { AgentRow } from './rows.ts';

const isolations = ['normal', 'isolating', 'isolated', 'releasing', 'unsupported'] as const;

const querystring = Type.Object({
  search: Type.Optional(Type.String({ maxLength: 200 })),
  /** One state, or several separated by commas. */
  isolation: Type.Optional(Type.String({ pattern: `^(${isolations.join('|')})(,(${isolations.join('|')}))*$` })),
  online: Type.Optional(Type.Union([Type.Literal('true'), Type.Literal('false')])),
  /** Milliseconds since 1970: selects the newest agents instead, and ignores every other filter. */
  enrolledSince: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
  offset: Type.Optional(Type.String({ pattern: '^\\d{1,7}$' })),
  limit: Type.Optional(Type.String({ pattern: '^\\d{1,4}$' })),
});
const defaultLimit = 100;
const maxAgents = 1000;

export function agentListRoute(scope: Http, list: AgentList): void {
  const schema = {
    summary: 'Search and page through the agents, by host name',
    tags: ['agents'],
    querystring,
    response: { 200: AgentPage },
  };
  scope.get(consolePaths.agents, { schema, ...to('read', 'agents') }, (request) => {
    const { search, isolation, online, enrolledSince, offset, limit } = request.query;
    const most = Math.min(maxAgents, Math.max(1, Number(limit ?? defaultLimit)));
    if (enrolledSince !== undefined) return list.arrivedSince(Number(enrolledSince), scopeOf(request), most);
    const states = isolations.filter((state) => isolation?.split(',').includes(state));
    return list.page(
      {
        search: search ?? '',
        isolation: states,
        online: online === undefined ? undefined : online === 'true',
        folders: scopeOf(request),
      },
      { offset: Number(offset ?? 0), limit: most },
    );
  });
}

export interface AgentConsoleDeps {
  readonly agents: Agents;
  readonly isOnline: (row: AgentRow) => boolean;
  readonly breakGlassCodes: (actor: Actor, agent: string) => Promise<Codes>;
  /** False when there is no such agent. */
  readonly moveToGroup: (actor: Actor, agent: string, group: string) => Promise<boolean>;
}

const params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });

export function agentConsoleRoutes(scope: Http, deps: AgentConsoleDeps): void {
  const one = `${consolePaths.agents}/:id`;
  const shown = { summary: 'Show one agent', tags: ['agents'], params, response: { 200: AgentDetails } };
  scope.get(one, { schema: shown, ...to('read', 'agents') }, async (request) => {
    const row = await reached(request, deps.agents);
    return detailsOf(row, deps.isOnline(row));
  });

  const removed = { summary: 'Remove an agent that will not return', tags: ['agents'], params };
  scope.delete(one, { schema: removed, ...to('change', 'fleet') }, async (request, reply) => {
    const { id } = request.params;
    const row = await reached(request, deps.agents);
    if (deps.isOnline(row)) {
      const message = `${row.host_name} is connected. Uninstall it instead, so that it leaves no rules behind.`;
      throw new ConsoleRefusal(409, 'agent-online', message);
    }
    if (!(await deps.agents.remove(personActor(request), id))) throw unknown(id);
    await reply.code(204).send();
  });

  const changed = {
    summary: 'Protect an agent or end its protection; move it to a group',
    tags: ['agents'],
    params,
    body: ChangeAgent,
  };
  scope.patch(one, { schema: changed, ...to('change', 'agents') }, async (request, reply) => {
    const { id } = request.params;
    const { protected: isProtected, group } = request.body;
    const actor = personActor(request);
    await reached(request, deps.agents);
    if (isProtected !== undefined || group !== undefined) requirePermission(request, 'change', 'fleet');
    if (group !== undefined && !(await deps.moveToGroup(actor, id, group))) throw unknown(id);
    if (isProtected !== undefined && !(await deps.agents.protect(actor, id, isProtected))) throw unknown(id);
    await reply.code(204).send();
  });

  const broken = { summary: 'Show the code that releases an isolation at the endpoint', tags: ['agents'], params };
  scope.post(
    `${one}/break-glass`,
    { schema: { ...broken, response: { 200: BreakGlassCodes } }, ...to('change', 'break-glass') },
    async (request) => {
      await reached(request, deps.agents);
      return deps.breakGlassCodes(personActor(request), request.params.id);
    },
  );
}

/** The agent of a request; one outside the account's scope is as unknown as one that does not exist. */
async function reached(request: FastifyRequest<{ Params: Static<typeof params> }>, agents: Agents): Promise<AgentRow> {
  const { id } = request.params;
  const row = await agents.details(id);
  if (row === undefined || !inScope(scopeOf(request), row.folder)) throw unknown(id);
  return row;
}

function detailsOf(row: AgentRow, online: boolean): Details {
  return {
    agent: row.entity_id,
    hostName: row.host_name,
    isolation: isolationOf(row),
    desired: row.desired_isolation,
    epoch: row.desired_epoch,
    reported: row.reported_isolation,
    reportedEpoch: row.reported_epoch,
    reportedAt: row.reported_at,
    report: row.report,
    problem: row.problem,
    online,
    lastSeenAt: row.seen_at ?? (online ? row.reported_at : null),
    group: row.group_name,
    ...(row.object_status === null ? {} : { objects: objectsHeld(row.object_status) }),
    objectsRevision: row.objects_revision,
    publicKey: row.public_key,
    ipAddresses: row.ip_addresses,
    macAddresses: row.mac_addresses,
    folder: row.folder,
    server: row.server_id,
    platform: row.platform,
    agentVersion: row.agent_version,
    enrolledAt: row.enrolled_at,
    protected: row.protected === 1,
    deadline: row.desired_deadline,
    profile: row.desired_profile,
    message: row.desired_message,
    tampering: row.tampering_at === null ? null : { count: row.tampering_count, lastAt: row.tampering_at },
  };
}

function objectsHeld(json: Json<ObjectEnforcementStatus>): ObjectEnforcementStatus {
  return fromJson(json);
}

function unknown(id: string): ConsoleRefusal {
  return new ConsoleRefusal(404, 'agent-unknown', `There is no agent ${id}. "cordon agents list" shows all agents.`);
}
