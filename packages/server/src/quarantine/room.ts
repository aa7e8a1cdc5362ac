/** Opens the room of the quarantine. */
import type { Base } from '../base.ts';
import type { Room } from '../room.ts';
import { actingOn, stillListed } from '../suspicious-objects/acting.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { Quarantine } from './quarantine.ts';
import { quarantineRoutes } from './routes.ts';

export interface QuarantineRoom extends Room {
  readonly quarantine: Quarantine;
}

export function openQuarantine({ database, now }: Base, tasks: Tasks): QuarantineRoom {
  const quarantine = new Quarantine({
    database,
    tasks,
    stillListed: async (tx, contents) => {
      const objects = await actingOn(tx, contents, now());
      return objects.length === 0 ? undefined : stillListed(objects);
    },
  });
  return { quarantine, routes: { console: (scope) => quarantineRoutes(scope, quarantine) } };
}
