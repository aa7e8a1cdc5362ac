/** The audit in the console API. */
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { consolePaths } from '@cordon/protocol/console';
import { AuditCheckpoints, AuditPage } from '@cordon/protocol/console/schemas';
import type { AuditLine } from '@cordon/protocol/console';
import { scopeOf, to } from '../access/request-access.ts';
import { personActor } from './actors.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import type { Http } from '../http/server.ts';
import { shown } from './audit.ts';
import type { Audit } from './audit.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Page } from './part.ts';

const querystring = Type.Object({
  agent: Type.Optional(Type.String({ maxLength: 64 })),
  before: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
  after: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
  limit: Type.Optional(Type.String({ pattern: '^\\d{1,4}$' })),
});
const defaultLimit = 100;
const maxLines = 1000;

/**
 * With `after`: the lines after that one, oldest first. Without: the newest lines, newest first; before the line
 * `before`, and about `agent`, if they are given.
 */
export function auditRoutes(scope: Http, audit: Audit, checkpoints: Checkpoints): void {
  const schema = { summary: 'Read the audit', tags: ['audit'], querystring, response: { 200: AuditPage } };
  scope.get(consolePaths.audit, { schema, ...to('read', 'audit') }, async (request) => {
    const { query } = request;
    const { agent } = query;
    refuseMixed(query);
    const [after, before] = [numberOf(query.after), numberOf(query.before)];
    const limit = Math.min(maxLines, Math.max(1, Number(query.limit ?? defaultLimit)));
    const page = { agent, after, before, limit };
    const folders = scopeOf(request);
    const isPart = folders.length > 0;
    const lines = isPart
      ? await audit.part({ actor: personActor(request).name, scope: folders }, page)
      : await wholeLines(audit, page);
    const goesOn = [agent, after, before].some((given) => given !== undefined) && lines.length === limit;
    const next = goesOn ? (lines.at(-1)?.id ?? null) : null;
    return { lines, next, ...(isPart ? { part: true } : {}) };
  });
  const signed = { summary: 'Signatures over the audit until now', tags: ['audit'] };
  scope.get(
    `${consolePaths.audit}/checkpoints`,
    { schema: { ...signed, response: { 200: AuditCheckpoints } }, ...to('read', 'audit-chain') },
    async () => {
      await checkpoints.sign();
      return checkpoints.list();
    },
  );
}

async function wholeLines(audit: Audit, { agent, after, before, limit }: Page): Promise<AuditLine[]> {
  if (agent !== undefined) return (await audit.of(agent, { before, limit })).map(shown);
  if (after !== undefined) return (await audit.list(after, limit)).map(shown);
  return (await audit.before(before, limit)).map(shown);
}

/** `agent` and `before` go back in time, `after` goes forward, so they cannot be combined. */
function refuseMixed({ agent, after, before }: Static<typeof querystring>): void {
  if (after === undefined || (agent === undefined && before === undefined)) return;
  const message =
    'Give "after" alone, for all lines from there on; or "agent", "before" or both, for those until then.';
  throw new ConsoleRefusal(400, 'parameter-invalid', message);
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
