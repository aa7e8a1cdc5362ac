/** Detections in the console API. */
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { ObjectName } from '@cordon/protocol/channel/schemas';
import { consolePaths } from '@cordon/protocol/console';
import type { DetectionSummary as Summary } from '@cordon/protocol/console';
import { DetectionPage, DetectionSummary } from '@cordon/protocol/console/schemas';
import { detectionActions, detectionSeers } from '@cordon/protocol/words';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { scopeOf, to } from '../access/request-access.ts';
import type { Folders } from '../access/scope.ts';
import type { Http } from '../http/server.ts';
import type { Detections } from './detections.ts';

const tags = ['detections'];
const defaultLimit = 100;
const maxDetections = 1000;
const whole = Type.Optional(Type.String({ pattern: '^\\d{1,15}$' }));
const word = Type.Optional(Type.String({ maxLength: 64 }));
/** Empty counts as absent. An unknown word is refused: an empty answer would look as if nothing had happened. */
const oneOf = <Word extends string>(words: readonly Word[]) => Type.Optional(Type.Enum(['', ...words]));

const querystring = Type.Object({
  agent: word,
  group: word,
  type: Type.Optional(ObjectName.properties.type),
  content: Type.Optional(Type.String({ maxLength: 2047 })),
  action: oneOf(detectionActions),
  detectedBy: oneOf(detectionSeers),
  since: whole,
  until: whole,
  search: Type.Optional(Type.String({ maxLength: 256 })),
  before: whole,
  limit: Type.Optional(Type.String({ pattern: '^\\d{1,4}$' })),
});
type Query = Static<typeof querystring>;

export interface DetectionRoutesDeps {
  readonly detections: Detections;
  readonly groupExists: (name: string) => boolean;
  readonly summary: (
    span: { since: number | undefined; until: number | undefined },
    scope: Folders,
  ) => Promise<Summary>;
}

export function detectionRoutes(scope: Http, { detections, groupExists, summary }: DetectionRoutesDeps): void {
  const listed = { summary: 'List detections, newest first', tags, querystring, response: { 200: DetectionPage } };
  scope.get(consolePaths.detections, { schema: listed, ...to('read', 'detections') }, async (request) => {
    const { query } = request;
    refuseUnknown(query.group, groupExists);
    const limit = Math.min(maxDetections, Math.max(1, Number(query.limit ?? defaultLimit)));
    return detections.list({ ...filterOf(query), scope: scopeOf(request) }, { before: numberOf(query.before), limit });
  });

  const span = Type.Object({ since: whole, until: whole });
  const plotted = {
    summary: 'Count detections over time',
    tags,
    querystring: span,
    response: { 200: DetectionSummary },
  };
  scope.get(`${consolePaths.detections}/summary`, { schema: plotted, ...to('read', 'detections') }, (request) =>
    summary({ since: numberOf(request.query.since), until: numberOf(request.query.until) }, scopeOf(request)),
  );
}

function refuseUnknown(group: string | undefined, exists: (name: string) => boolean): void {
  if (group === undefined || group === '' || exists(group)) return;
  throw new ConsoleRefusal(404, 'group-unknown', `There is no group "${group}". GET /api/v1/groups lists them.`);
}

/** Empty parameters count as absent, as everywhere. */
function filterOf(query: Query): Omit<Parameters<Detections['list']>[0], 'scope'> {
  const { type, content, action, detectedBy } = query;
  const [since, until] = [numberOf(query.since), numberOf(query.until)];
  const texts = { agent: query.agent?.toLowerCase(), group: query.group, type, content: contentOf(type, content) };
  const more = { action, detectedBy, search: query.search?.toLowerCase() };
  return {
    ...Object.fromEntries(
      Object.entries({ ...texts, ...more }).filter(([, text]) => text !== undefined && text !== ''),
    ),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  };
}

/** Hashes are stored in upper case; one pasted in lower case means the same. */
function contentOf(type: string | undefined, content: string | undefined): string | undefined {
  const isHash = /^[0-9a-f]{40}$/i.test(content ?? '') && (type === undefined || type.startsWith('file'));
  return isHash ? content?.toUpperCase() : content;
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : Number(text);
}
