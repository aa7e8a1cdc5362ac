/** What agents were seen to hold is found by its age and by its agent, to be forgotten. */
import type { Migration } from '../migrate.ts';

export const forgetting: Migration = {
  name: '0010-forgetting',
  statements: () => [
    `create index sightings_by_time on sightings (last_seen)`,
    `create index sightings_by_agent on sightings (agent_number)`,
  ],
};
