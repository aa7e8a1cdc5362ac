/** Detections are counted by the spool that an agent keeps them in, so that a receipt can name it. */
import type { Migration } from '../migrate.ts';

export const spools: Migration = {
  name: '0008-spools',
  statements: ({ big }) => [
    // What is there already came from a time with one spool for an enrolment; its name tells them apart as well.
    `alter table detections rename column enrolment to spool`,
    `create table detection_spools (
       agent_number ${big} not null, spool text not null, sequence ${big} not null, at ${big} not null,
       primary key (agent_number, spool))`,
    `alter table detection_marks drop column enrolment`,
    `alter table detection_marks drop column sequence`,
  ],
};
