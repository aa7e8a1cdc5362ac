/** What follows from tasks in their own transactions: file counts, and the state of quarantined copies. */
import type { Quarantine } from '../quarantine/quarantine.ts';
import { isActing } from '../suspicious-objects/acting.ts';
import { currentRevision } from '../suspicious-objects/table.ts';
import type { PrevalenceRecords } from '../listing-safety/prevalence.ts';
import type { TaskConsequences } from '../tasks/tasks.ts';

export interface TaskConsequencesDeps {
  readonly quarantine: Quarantine;
  readonly prevalenceRecords: PrevalenceRecords;
}

/** `rooms` is called only when something follows: those rooms need the tasks themselves, and open after them. */
export function taskConsequences(now: () => number, rooms: () => TaskConsequencesDeps): TaskConsequences {
  return {
    objectsRevision: currentRevision,
    isListed: (tx, object) => isActing(tx, object, now()),
    givenUp: (tx, agent, of) => rooms().quarantine.settle(tx, agent, of),
    progressed: async (tx, agent, reported) => {
      await rooms().prevalenceRecords.fromProgress(tx, agent.number, reported);
      const { work, progress } = reported;
      if (progress.state === 'running') return;
      await rooms().quarantine.settle(tx, agent.number, { work, message: progress.message });
    },
  };
}
