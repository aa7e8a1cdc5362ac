/** Opens the rooms of the suspicious objects: the list, listing safety, canaries and status. */
import type { Applications } from '../applications/applications.ts';
import type { Audit } from '../audit/audit.ts';
import type { Base } from '../base.ts';
import type { Groups } from '../groups/groups.ts';
import type { Quarantine } from '../quarantine/quarantine.ts';
import type { Room } from '../room.ts';
import type { Servers } from '../servers/servers.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { Canaries } from '../canaries/canaries.ts';
import type { CanariesDeps } from '../canaries/canaries.ts';
import { ObjectList } from './object-list.ts';
import { objectConsoleRoutes } from './routes.ts';
import { SuspiciousObjects } from '../suspicious-objects/objects.ts';
import { objectRoutes } from '../suspicious-objects/routes.ts';
import { ListingSafety } from '../listing-safety/listing-safety.ts';
import { PrevalenceRecords } from '../listing-safety/prevalence.ts';
import { Undo } from './undo.ts';

export interface ObjectsRoom extends Room {
  readonly canaries: Canaries;
  readonly objects: SuspiciousObjects;
  readonly prevalenceRecords: PrevalenceRecords;
}

export interface ObjectsRoomDeps extends Pick<CanariesDeps, 'agentsDetecting'> {
  readonly audit: Audit;
  readonly applications: Applications;
  readonly groups: Groups;
  readonly quarantine: Quarantine;
  readonly servers: Servers;
  readonly tasks: Tasks;
}

export function openObjects({ config, database, now, publish }: Base, deps: ObjectsRoomDeps): ObjectsRoom {
  const { audit, applications: authority, groups, quarantine, servers, tasks, agentsDetecting } = deps;
  const advertised = config.advertise.map((address) => address.host);
  const own = (): string[] => [...advertised, ...servers.addresses()];
  const prevalenceRecords = new PrevalenceRecords(database, now);
  const listingSafety = new ListingSafety({ database, now, prevalenceRecords, own, enabled: config.listingSafety });
  const objects = new SuspiciousObjects({
    database,
    audit,
    now,
    publish,
    listingSafety,
    listedAgain: async (tx, actor, object) => {
      const ended = await tasks.endUndos(tx, actor, object);
      return () => ended.forEach((task) => tasks.publishChange(task));
    },
  });
  const catalogue = new ObjectList({
    database,
    now,
    objects,
    listingSafety,
    groupExists: (name) => groups.exists(name),
    settingsOf: (group) => groups.settingsOf(group),
    quarantined: (contents) => quarantine.counts(contents),
  });
  const canaries = new Canaries({ database, audit, now, publish, agentsDetecting });
  const undo = new Undo({ database, now, objects, quarantine, tasks });
  return {
    canaries,
    objects,
    prevalenceRecords,
    routes: {
      automation: (scope) => objectRoutes(scope, { objects, authority, uploadLimit: config.uploadLimit }),
      console: (scope) => objectConsoleRoutes(scope, { catalogue, undo }),
    },
    close: async () => {
      objects.close();
      await canaries.close();
    },
  };
}
