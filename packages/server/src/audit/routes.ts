/** The audit in the console API. */
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { AuditCheckpoints, AuditPage, consolePaths } from '@cordon/protocol/console';
import { to } from '../accounts/permitted.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import type { Http } from '../http/server.ts';
import { shown } from './audit.ts';
import type { Audit } from './audit.ts';
import type { Checkpoints } from './checkpoints.ts';

const querystring = Type.Object({
  agent: Type.Optional(Type.String({ maxLength: 64 })),
  before: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
  after: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
  limit: Type.Optional(Type.String({ pattern: '^\\d{1,4}$' })),
});
const defaultLimit = 100;
const mostLines = 1000;

/**
 * With `agent`: the lines about it, newest first, those before the line `before`. With `after`: what follows that line,
 * oldest first. Without: the newest lines, newest first.
 */
export function auditRoutes(scope: Http, audit: Audit, checkpoints: Checkpoints): void {
  const schema = { summary: 'Read the audit', tags: ['audit'], querystring, response: { 200: AuditPage } };
  scope.get(consolePaths.audit, { schema, ...to('read', 'audit') }, async ({ query }) => {
    refuseMixed(query);
    const [after, before] = [numberOf(query.after), numberOf(query.before)];
    const limit = Math.min(mostLines, Math.max(1, Number(query.limit ?? defaultLimit)));
    const rows =
      query.agent === undefined ? await audit.list(after, limit) : await audit.of(query.agent, { before, limit });
    const goesOn = (after !== undefined || query.agent !== undefined) && rows.length === limit;
    return { lines: rows.map(shown), next: goesOn ? (rows.at(-1)?.id ?? null) : null };
  });
  const signed = { summary: 'Signatures over the audit, as far as it goes now', tags: ['audit'] };
  scope.get(
    `${consolePaths.audit}/checkpoints`,
    { schema: { ...signed, response: { 200: AuditCheckpoints } }, ...to('read', 'audit') },
    async () => {
      await checkpoints.sign();
      return checkpoints.list();
    },
  );
}

/** The lines of an agent go back in time, all lines together go on in it. */
function refuseMixed({ agent, after, before }: Static<typeof querystring>): void {
  if (agent === undefined ? before === undefined : after === undefined) return;
  const sentence = 'Give "agent", and "before" with it, for the lines about one agent; or "after" for all of them.';
  throw new ConsoleRefusal(400, 'parameter-invalid', sentence);
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
