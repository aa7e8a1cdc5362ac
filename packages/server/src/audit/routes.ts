/** The audit in the console API. */
import { Type } from 'typebox';
import { AuditPage, consolePaths } from '@cordon/protocol/console';
import type { Http } from '../http/server.ts';
import type { Audit } from './audit.ts';

const querystring = Type.Object({
  after: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
  limit: Type.Optional(Type.String({ pattern: '^\\d{1,4}$' })),
});
const defaultLimit = 100;
const mostLines = 1000;

/** With `after`: what follows that line, oldest first. Without: the newest lines, newest first. */
export function auditRoutes(scope: Http, audit: Audit): void {
  const schema = { summary: 'Read the audit', tags: ['audit'], querystring, response: { 200: AuditPage } };
  scope.get(consolePaths.audit, { schema }, async (request) => {
    const after = request.query.after === undefined ? undefined : Number(request.query.after);
    const limit = Math.min(mostLines, Math.max(1, Number(request.query.limit ?? defaultLimit)));
    const rows = await audit.list(after, limit);
    const lines = rows.map(({ request_id: requestId, ...line }) => ({ ...line, requestId }));
    return { lines, next: after !== undefined && rows.length === limit ? (rows.at(-1)?.id ?? null) : null };
  });
}
