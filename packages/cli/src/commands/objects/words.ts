/** How objects are named on the command line. */
import { objectTypes, scanActions } from '@cordon/protocol/words';
import type { ObjectType, ScanAction } from '@cordon/protocol/words';
import type { Invocation } from '../../command/command.ts';
import { usage } from '../../command/failure.ts';
import { momentOf } from '../../text/text.ts';

export function typeFrom(text: string): ObjectType {
  const type = objectTypes.find((known) => known === text.toLowerCase());
  if (type !== undefined) return type;
  throw usage(`"${text}" is not a type of suspicious object.`, `The types are ${objectTypes.join(', ')}.`);
}

export function actionFrom(call: Invocation): ScanAction {
  const text = call.option('action');
  const known = scanActions.find((name) => name === text?.toLowerCase());
  if (known !== undefined) return known;
  const message = text === undefined ? 'No action was given.' : `"${text}" is not an action.`;
  throw usage(message, `Add --action with one of ${scanActions.join(', ')}.`);
}

export function dateFrom(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const date = momentOf(text);
  if (date !== undefined) return new Date(date);
  throw usage(`"${text}" is not a date.`, 'Write it like 2027-01-31 or 2027-01-31T12:00:00Z.');
}
