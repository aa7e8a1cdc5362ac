/** The rooms that suspicious objects lead to, made and introduced to one another. Nothing is decided here. */
import { addressees, addresseesNumbered } from './agents/addressees.ts';
import type { Audit } from './audit/audit.ts';
import type { Config } from './config.ts';
import type { Database } from './database/database.ts';
import { consequences } from './detections/consequences.ts';
import { Detections } from './detections/detections.ts';
import type { Connections } from './gateway/connections.ts';
import type { Presence } from './gateway/presence.ts';
import { TaskSender } from './gateway/task-orders.ts';
import type { Groups } from './groups/groups.ts';
import { Quarantine } from './quarantine/quarantine.ts';
import type { SigningKey } from './secrets/order-key.ts';
import type { Vault } from './secrets/sealing.ts';
import type { Servers } from './servers/servers.ts';
import { Canaries } from './suspicious-objects/canaries.ts';
import { Catalogue } from './suspicious-objects/catalogue.ts';
import {
  SuspiciousObjects,
  actingOn,
  currentRevisionIn,
  isListedIn,
  stillListed,
} from './suspicious-objects/objects.ts';
import { Shielding } from './suspicious-objects/shielding.ts';
import { Sightings } from './suspicious-objects/sightings.ts';
import { Undo } from './suspicious-objects/undo.ts';
import { TaskSeal } from './tasks/task-seal.ts';
import { Tasks } from './tasks/tasks.ts';

/** What suspicious objects lead to on agents. */
export interface Bite {
  readonly canaries: Canaries;
  readonly catalogue: Catalogue;
  readonly detections: Detections;
  readonly objects: SuspiciousObjects;
  readonly quarantine: Quarantine;
  readonly taskSender: TaskSender;
  readonly tasks: Tasks;
  readonly undo: Undo;
}

export interface BiteDeps {
  readonly database: Database;
  readonly now: () => number;
  readonly vault: Vault;
  readonly key: SigningKey;
  readonly config: Config;
  readonly audit: Audit;
  readonly connections: Connections;
  readonly groups: Groups;
  readonly presence: Presence;
  readonly servers: Servers;
  readonly tellTask: (task: string) => void;
  readonly tellProgress: (agent: string) => void;
  readonly tellObjects: (revision: number) => void;
}

export function makeBite(deps: BiteDeps): Bite {
  const { database, now, audit, connections, presence } = deps;
  const sightings = new Sightings(database, now);
  const tasks: Tasks = new Tasks({
    database,
    audit,
    now,
    addressees,
    seal: new TaskSeal(deps.vault),
    numbered: addresseesNumbered,
    isOnline: (row) => presence.isOnline(row),
    tell: deps.tellTask,
    cameFurther: deps.tellProgress,
    objectsRevision: currentRevisionIn,
    progressed: async (tx, agent, told) => {
      await sightings.fromProgress(tx, agent.number, told);
      const { work, progress } = told;
      if (progress.state === 'running') return;
      await quarantine.settle(tx, agent.number, { work, message: progress.message });
    },
    isListed: (tx, object) => isListedIn(tx, object, now()),
    givenUp: (tx, agent, of) => quarantine.settle(tx, agent, of),
  });
  const quarantine: Quarantine = new Quarantine({
    database,
    tasks,
    stillListed: async (tx, contents) => {
      const found = await actingOn(tx, contents, now());
      return found.length === 0 ? undefined : stillListed(found);
    },
  });
  const canaries: Canaries = new Canaries({
    database,
    audit,
    now,
    agentsMeeting: (object, since) => detections.agentsMeeting(object, since),
    tell: deps.tellObjects,
  });
  const detections: Detections = new Detections({
    database,
    now,
    keep: deps.config.keepDetections,
    follow: consequences({ quarantine, sightings, canaries, tasks }),
    forget: async (before) => {
      await quarantine.forget(before);
      await sightings.forget(before);
    },
  });
  const taskSender = new TaskSender({ connections, key: deps.key, tasks });
  return { ...makeList(deps, { sightings, quarantine, tasks }), canaries, detections, quarantine, taskSender, tasks };
}

/** The list itself, and what people do with it. */
function makeList(
  deps: BiteDeps,
  { sightings, quarantine, tasks }: { sightings: Sightings; quarantine: Quarantine; tasks: Tasks },
): Pick<Bite, 'catalogue' | 'objects' | 'undo'> {
  const { database, now, audit, groups, servers, config } = deps;
  const advertised = config.advertise.map((address) => address.host);
  const shield = new Shielding({
    database,
    now,
    sightings,
    own: () => [...advertised, ...servers.addresses()],
    enabled: config.shield,
  });
  const objects = new SuspiciousObjects({
    database,
    audit,
    now,
    shield,
    listedAgain: async (tx, actor, object) => {
      const ended = await tasks.endUndos(tx, actor, object);
      return () => ended.forEach((task) => tasks.tell(task));
    },
    tell: deps.tellObjects,
  });
  const catalogue = new Catalogue({
    database,
    now,
    objects,
    shield,
    groupExists: (name) => groups.exists(name),
    settingsOf: (group) => groups.settingsOf(group),
    quarantined: (contents) => quarantine.counts(contents),
  });
  return { catalogue, objects, undo: new Undo({ database, now, objects, quarantine, tasks }) };
}
