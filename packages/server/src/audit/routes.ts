/** The audit in the console API. */
import { Type } from 'typebox';
import { AuditCheckpoints, AuditPage, consolePaths } from '@cordon/protocol/console';
import { to } from '../accounts/permitted.ts';
import type { Http } from '../http/server.ts';
import { shown } from './audit.ts';
import type { Audit } from './audit.ts';
import type { Checkpoints } from './checkpoints.ts';

const querystring = Type.Object({
  after: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })),
  limit: Type.Optional(Type.String({ pattern: '^\\d{1,4}$' })),
});
const defaultLimit = 100;
const mostLines = 1000;

/** With `after`: what follows that line, oldest first. Without: the newest lines, newest first. */
export function auditRoutes(scope: Http, audit: Audit, checkpoints: Checkpoints): void {
  const schema = { summary: 'Read the audit', tags: ['audit'], querystring, response: { 200: AuditPage } };
  scope.get(consolePaths.audit, { schema, ...to('read', 'audit') }, async (request) => {
    const after = request.query.after === undefined ? undefined : Number(request.query.after);
    const limit = Math.min(mostLines, Math.max(1, Number(request.query.limit ?? defaultLimit)));
    const rows = await audit.list(after, limit);
    return {
      lines: rows.map(shown),
      next: after !== undefined && rows.length === limit ? (rows.at(-1)?.id ?? null) : null,
    };
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
