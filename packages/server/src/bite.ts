/** The rooms that suspicious objects lead to, made and introduced to one another. Nothing is decided here. */
import { addressees, addresseesNumbered } from './agents/addressees.ts';
import type { Audit } from './audit/audit.ts';
import type { Database } from './database/database.ts';
import { consequences } from './detections/consequences.ts';
import { Detections } from './detections/detections.ts';
import type { Connections } from './gateway/connections.ts';
import type { Presence } from './gateway/presence.ts';
import { TaskOrders } from './gateway/task-orders.ts';
import { Quarantine } from './quarantine/quarantine.ts';
import type { OrderKey } from './secrets/order-key.ts';
import type { Vault } from './secrets/vault.ts';
import { Canaries } from './suspicious-objects/canaries.ts';
import { currentRevisionIn } from './suspicious-objects/objects.ts';
import { Sightings } from './suspicious-objects/sightings.ts';
import { TaskSeal } from './tasks/task-seal.ts';
import { Tasks } from './tasks/tasks.ts';

/** What suspicious objects lead to on agents. */
export interface Bite {
  readonly canaries: Canaries;
  readonly detections: Detections;
  readonly quarantine: Quarantine;
  readonly sightings: Sightings;
  readonly taskOrders: TaskOrders;
  readonly tasks: Tasks;
}

export interface BiteParts {
  readonly database: Database;
  readonly now: () => number;
  readonly vault: Vault;
  readonly key: OrderKey;
  /** How long detections are kept, milliseconds. */
  readonly keepDetections: number;
  readonly audit: Audit;
  readonly connections: Connections;
  readonly presence: Presence;
  readonly tellTask: (task: string) => void;
  readonly tellObjects: (revision: number) => void;
}

export function makeBite(parts: BiteParts): Bite {
  const { database, now, audit, connections, presence } = parts;
  const sightings = new Sightings(database, now);
  const tasks: Tasks = new Tasks({
    database,
    audit,
    now,
    addressees,
    seal: new TaskSeal(parts.vault),
    numbered: addresseesNumbered,
    isOnline: (row) => presence.isOnline(row),
    tell: parts.tellTask,
    objectsRevision: currentRevisionIn,
    progressed: async (tx, agent, told) => {
      await sightings.fromProgress(tx, agent.number, told);
      if (told.progress.state !== 'running') await quarantine.settle(tx, agent.number, told);
    },
  });
  const quarantine: Quarantine = new Quarantine({ database, tasks });
  const canaries: Canaries = new Canaries({
    database,
    audit,
    now,
    agentsMeeting: (object, since) => detections.agentsMeeting(object, since),
    tell: parts.tellObjects,
  });
  const detections: Detections = new Detections({
    database,
    now,
    keep: parts.keepDetections,
    follow: consequences({ quarantine, sightings, canaries, tasks }),
  });
  const taskOrders = new TaskOrders({ connections, key: parts.key, tasks });
  return { canaries, detections, quarantine, sightings, taskOrders, tasks };
}
