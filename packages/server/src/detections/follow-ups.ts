/** What follows from new detections: quarantined files, prevalence, counts, late undos, canaries. */
import type { Detection } from '@cordon/protocol/channel';
import type { Arrived } from '../enrolment/arrival.ts';
import type { Queries } from '../database/database.ts';
import type { Quarantine } from '../quarantine/quarantine.ts';
import type { Canaries } from '../canaries/canaries.ts';
import type { PrevalenceRecords } from '../listing-safety/prevalence.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { storable } from './stored-form.ts';

export interface FollowUpDeps {
  readonly quarantine: Quarantine;
  readonly prevalenceRecords: PrevalenceRecords;
  readonly canaries: Canaries;
  readonly tasks: Tasks;
}

/** For `Detections`: runs in the detections' transaction, and returns what to publish after the commit. */
export function followUps(
  deps: FollowUpDeps,
): (tx: Queries, agent: Arrived, fresh: readonly Detection[]) => Promise<() => void> {
  const { quarantine, prevalenceRecords, canaries, tasks } = deps;
  return async (tx, agent, fresh) => {
    await quarantine.note(tx, agent.number, fresh);
    await prevalenceRecords.fromDetections(tx, agent.number, fresh);
    await canaries.count(tx, fresh);
    const late = await lateUndos(tx, deps, { agent, fresh });
    return () => {
      for (const task of late) tasks.publishChange(task);
      canaries.watch(new Set(fresh.map((one) => storable(one.object.content))));
    };
  };
}

/** An agent that was offline has quarantined files of an object that was undone in the meantime. */
async function lateUndos(
  tx: Queries,
  { tasks }: FollowUpDeps,
  { agent, fresh }: { agent: Arrived; fresh: readonly Detection[] },
): Promise<Set<string>> {
  const taken = fresh.filter((one) => one.action === 'quarantined').map((one) => one.object);
  const objects = new Map(taken.map((object) => [`${object.type} ${object.content}`, object]));
  const found = new Set<string>();
  for (const object of objects.values()) {
    const content = storable(object.content);
    for (const task of await tasks.extendUndo(tx, agent, { type: object.type, content })) found.add(task);
  }
  return found;
}
