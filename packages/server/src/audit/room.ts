/** Opens the room of the audit. */
import type { Base } from '../base.ts';
import type { Room } from '../room.ts';
import { Audit } from './audit.ts';
import { Checkpoints } from './checkpoints.ts';
import { auditRoutes } from './routes.ts';

export interface AuditRoom extends Room {
  readonly audit: Audit;
}

export function openAudit({ database, key, now }: Base): AuditRoom {
  const audit = new Audit(database, now);
  const checkpoints = new Checkpoints({ database, key, now });
  return {
    audit,
    routes: { console: (scope) => auditRoutes(scope, audit, checkpoints) },
    close: async () => {
      await audit.close();
      await checkpoints.close();
    },
  };
}
