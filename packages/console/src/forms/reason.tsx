/** The reason of an action, for the audit log. */
import type { JSX } from 'preact';
import { Field } from './field.tsx';
import { textIn } from './form-data.ts';

export function ReasonField(): JSX.Element {
  return <Field label="Reason (recorded in the audit log)" name="reason" maxLength={256} placeholder="INC-1234: …" />;
}

/** Nothing for an empty field. */
export function reasonIn(fields: FormData): { reason?: string } {
  const reason = textIn(fields, 'reason').trim();
  return reason === '' ? {} : { reason };
}
