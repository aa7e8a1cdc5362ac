/** ProductAgents: GET and POST of the Automation API, and version 2 of the list. */
import type { FastifyReply } from 'fastify';
import {
  AgentAct,
  AgentQuery,
  AgentQueryV2,
  ProductAgentsAnswer,
  ProductAgentsAnswerV2,
  productAgentsPath,
  productAgentsPathV2,
  resultSuccess,
} from '@cordon/protocol/automation';
import type { Acts } from '../acts/acts.ts';
import { applicationActor } from '../audit/actors.ts';
import { refuseOtherMethods } from '../http/automation.ts';
import type { Http } from '../http/server.ts';
import { frameAround, sendList } from '../http/bodies/streamed-list.ts';
import type { Agents } from './agents.ts';
import type { ListedAgent } from './rows.ts';
import { selectorOfQuery, selectorOfQueryV2 } from './selector.ts';
import type { Selector } from './selector.ts';
import { productAgent, productAgentV2 } from './wire.ts';

export interface AgentRoutesDeps {
  readonly agents: Agents;
  readonly acts: Pick<Acts, 'byApplication'>;
  /** Whether an agent is connected to this or another node. */
  readonly isOnline: (row: ListedAgent) => boolean;
}

type Show = (row: ListedAgent, online: boolean) => unknown;

const emptyList = frameAround(resultSuccess([]));

export function agentRoutes(scope: Http, deps: AgentRoutesDeps): void {
  for (const path of [productAgentsPath, versioned(productAgentsPath)]) {
    const hide = path !== productAgentsPath;
    scope.get(
      path,
      {
        schema: {
          hide,
          summary: 'List Security Agents',
          tags: ['agents'],
          querystring: AgentQuery,
          response: { 200: ProductAgentsAnswer },
        },
        serializerCompiler: asText,
      },
      (request, reply) => list(deps, reply, selectorOfQuery(request.query), productAgent),
    );
    scope.post(
      path,
      {
        schema: {
          hide,
          summary: 'Isolate, restore, relocate or uninstall Security Agents',
          tags: ['agents'],
          body: AgentAct,
          response: { 200: ProductAgentsAnswer },
        },
      },
      async (request) => {
        const agents = await deps.acts.byApplication(applicationActor(request), request.body);
        return resultSuccess(agents.map((row) => productAgent(row, deps.isOnline(row))));
      },
    );
    refuseOtherMethods(scope, path, ['GET', 'POST']);
  }
  scope.get(
    productAgentsPathV2,
    {
      schema: {
        summary: 'List Security Agents, version 2',
        tags: ['agents'],
        querystring: AgentQueryV2,
        response: { 200: ProductAgentsAnswerV2 },
      },
      serializerCompiler: asText,
    },
    (request, reply) => list(deps, reply, selectorOfQueryV2(request.query), productAgentV2),
  );
  refuseOtherMethods(scope, productAgentsPathV2, ['GET']);
}

async function list(deps: AgentRoutesDeps, reply: FastifyReply, selector: Selector, show: Show): Promise<void> {
  const rows = await deps.agents.lookUp(selector);
  const shown = (row: ListedAgent): unknown => show(row, deps.isOnline(row));
  if (rows === undefined) {
    return sendList(reply, emptyList, (each) => deps.agents.pages(selector, (page) => each(page.map(shown))));
  }
  await reply.type('application/json; charset=utf-8').send(JSON.stringify(resultSuccess(rows.map(shown))));
}

/** The same resource under its version 1 (contract 3). */
function versioned(path: string): string {
  return path.replace(/^\/WebApp\/API\//, '/WebApp/API/v1/');
}

/** Lists are sent as finished text; the schema of the answer only serves the documentation. */
function asText(): (data: unknown) => string {
  return String;
}
