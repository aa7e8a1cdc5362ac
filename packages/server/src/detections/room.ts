/** Opens the room of the detections. */
import type { Base } from '../base.ts';
import type { Groups } from '../groups/groups.ts';
import type { Quarantine } from '../quarantine/quarantine.ts';
import type { Room } from '../room.ts';
import type { ObjectsRoom } from '../object-status/room.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { followUps } from './follow-ups.ts';
import { Detections } from './detections.ts';
import { detectionRoutes } from './routes.ts';
import { detectionSummary } from './summary.ts';

export interface DetectionsRoom extends Room {
  readonly detections: Detections;
}

export interface DetectionsRoomDeps extends Pick<ObjectsRoom, 'canaries' | 'prevalenceRecords'> {
  readonly groups: Groups;
  readonly quarantine: Quarantine;
  readonly tasks: Tasks;
}

export function openDetections({ config, database, now, publish }: Base, deps: DetectionsRoomDeps): DetectionsRoom {
  const { groups, quarantine, prevalenceRecords } = deps;
  const detections = new Detections({
    database,
    now,
    publish,
    keep: config.keepDetections,
    follow: followUps(deps),
    forget: async (before) => {
      await quarantine.forget(before);
      await prevalenceRecords.forget(before);
    },
  });
  return {
    detections,
    routes: {
      console: (scope) =>
        detectionRoutes(scope, {
          detections,
          groupExists: (name) => groups.exists(name),
          summary: (span, folders) => detectionSummary(database, { ...span, scope: folders }, now()),
        }),
    },
    close: () => detections.close(),
  };
}
