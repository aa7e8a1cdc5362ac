/**
 * Reads answers of the console API by their schemas, for clients: what does not fit is no answer of this server.
 *
 * Apart from the rest, because schemas take some 70 ms to load and many calls do without.
 */
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Validator } from 'typebox/compile';
import {
  Account,
  AccountList,
  AccountSettings,
  AccountWithPassword,
  Session,
  SessionList,
  SignedIn,
  TotpConfirmed,
  TotpEnrolment,
} from './accounts.ts';
import {
  DetectionPage,
  DetectionSummary,
  FleetTask,
  FleetTaskList,
  Group,
  GroupList,
  ListedObject,
  ListedObjectPage,
  ObjectCheck,
  ObjectDetails,
  Prevalence,
  QuarantineList,
  TaskDetails,
  UndoOutcome,
} from './objects.ts';

const schemas = {
  Account,
  AccountList,
  AccountSettings,
  AccountWithPassword,
  Session,
  SessionList,
  SignedIn,
  TotpConfirmed,
  TotpEnrolment,
  DetectionPage,
  DetectionSummary,
  FleetTask,
  FleetTaskList,
  Group,
  GroupList,
  ListedObject,
  ListedObjectPage,
  ObjectCheck,
  ObjectDetails,
  Prevalence,
  QuarantineList,
  TaskDetails,
  UndoOutcome,
} as const;

export type AnswerName = keyof typeof schemas;
export type AnswerOf<Name extends AnswerName> = Static<(typeof schemas)[Name] & TSchema>;

const validators = new Map<AnswerName, Validator>();

/** The answer, or undefined when it is of another shape. Fields that a later server adds do no harm. */
export function readAnswerAs<Name extends AnswerName>(name: Name, value: unknown): AnswerOf<Name> | undefined {
  let validator = validators.get(name);
  if (validator === undefined) {
    validator = Compile(schemas[name]);
    validators.set(name, validator);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the validator of this very schema has checked it
  return validator.Check(value) ? (value as AnswerOf<Name>) : undefined;
}
