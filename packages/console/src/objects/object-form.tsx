/** Lists or changes an object, after showing the listing safety check and the file's prevalence. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ListedObject, ObjectCheck, PutObject } from '@cordon/protocol/console';
import { objectCheckShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, send } from '../calls/call.ts';
import { Choice, Field, Tick } from '../forms/field.tsx';
import { numberIn, textIn, tickedIn } from '../forms/form-data.ts';
import { DialogForm } from '../forms/form.tsx';
import { Facts } from '../widgets/facts.tsx';
import { countOf } from '../words/words.ts';
import { Notice } from '../widgets/notice.tsx';
import type { HashedFile } from '../hashing/hash-file.ts';
import { PrevalenceText } from './prevalence.tsx';

interface ObjectFormProps {
  readonly file?: HashedFile | undefined;
  readonly object?: ListedObject | undefined;
  readonly close: () => void;
  readonly done: () => void;
}

const types = [
  ['file_sha1', 'File (SHA-1)'],
  ['ip', 'IP address or network'],
  ['domain', 'Domain'],
  ['url', 'URL'],
] as const;
const actions = [
  ['log', 'Log'],
  ['block', 'Block'],
  ['quarantine', 'Quarantine'],
] as const;
const lifetimes = [
  ['', 'Never'],
  ['86400', 'In 1 day'],
  ['604800', 'In 7 days'],
  ['2592000', 'In 30 days'],
  ['31536000', 'In 1 year'],
] as const;

export function ObjectForm({ file, object, close, done }: ObjectFormProps): JSX.Element {
  const [check, setCheck] = useState<ObjectCheck>();
  const submit = async (fields: FormData): Promise<void> => {
    const desired = desiredIn(fields, { file, object });
    if (check === undefined) {
      const found = await read(objectCheckShape, 'POST', `${consolePaths.objects}/check`, { body: desired });
      setCheck(found);
      if (found.reasons.length > 0) return;
    }
    await send('POST', consolePaths.objects, { body: desired });
    done();
  };
  const refused = check?.reasons.some((one) => !one.mayConfirm) === true;
  return (
    <DialogForm
      title={object === undefined ? 'Add a suspicious object' : 'Edit object'}
      act={object === undefined ? 'Add' : 'Save'}
      submit={submit}
      cancel={close}
      disabled={refused}
    >
      <Named file={file} object={object} />
      <Choice label="Scan action" name="action" value={object?.action ?? 'log'} choices={actions} />
      <Choice
        label="Expires"
        name="expires"
        choices={lifetimes}
        {...(object === undefined ? {} : keptExpiry(object))}
      />
      <Field label="Note" name="notes" value={object?.notes ?? file?.name ?? ''} maxLength={256} />
      <Field
        label="Enforce only in (groups)"
        name="enforceIn"
        value={object?.enforceIn?.join(', ') ?? ''}
        help="Other groups only log it. Leave empty for all."
      />
      <Field
        label="Revert to log-only if more than … endpoints detect it within an hour"
        name="haltAbove"
        type="number"
        min={1}
        max={1_000_000}
        value={object?.haltAbove ?? ''}
      />
      <Objections check={check} />
    </DialogForm>
  );
}

function Named({ file, object }: Pick<ObjectFormProps, 'file' | 'object'>): JSX.Element {
  if (object !== undefined) return <code class="text">{object.content}</code>;
  if (file === undefined) {
    return (
      <>
        <Choice label="Type" name="type" choices={types} />
        <Field label="Value" name="content" required maxLength={2047} />
      </>
    );
  }
  return (
    <Facts
      of={[
        ['File', `${file.name}, ${countOf(file.size, 'byte')}`],
        ['SHA-1', <code>{file.sha1}</code>],
        ['SHA-256', <code>{file.sha256}</code>],
      ]}
    />
  );
}

/** The objections, and the checkbox that confirms all the same. */
function Objections({ check }: { check: ObjectCheck | undefined }): JSX.Element | null {
  if (check === undefined) return null;
  return (
    <>
      {check.prevalence === null ? null : <PrevalenceText prevalence={check.prevalence} />}
      {check.reasons.map((one) => (
        <Notice key={one.message} kind={one.mayConfirm ? 'warning' : 'problem'} text={one.message} />
      ))}
      {check.reasons.length > 0 && check.reasons.every((one) => one.mayConfirm) ? (
        <Tick name="confirmed">I have read this and want to add the object anyway</Tick>
      ) : null}
    </>
  );
}

function keptExpiry({ expiresAt }: ListedObject): { value?: string; choices: readonly (readonly [string, string])[] } {
  if (expiresAt === null) return { choices: lifetimes };
  return { value: 'kept', choices: [['kept', `Unchanged: ${new Date(expiresAt).toLocaleString()}`], ...lifetimes] };
}

function desiredIn(fields: FormData, { file, object }: Pick<ObjectFormProps, 'file' | 'object'>): PutObject {
  const groups = textIn(fields, 'enforceIn').split(',');
  const enforceIn = groups.map((group) => group.trim()).filter((group) => group !== '');
  return {
    ...namedIn(fields, { file, object }),
    action: actions.find(([action]) => action === textIn(fields, 'action'))?.[0] ?? 'log',
    notes: textIn(fields, 'notes').trim(),
    expiresAt: expiryIn(fields, object),
    enforceIn: enforceIn.length === 0 ? null : enforceIn,
    haltAbove: numberIn(fields, 'haltAbove') ?? null,
    ...(tickedIn(fields, 'confirmed') ? { confirmed: true } : {}),
  };
}

function namedIn(
  fields: FormData,
  { file, object }: Pick<ObjectFormProps, 'file' | 'object'>,
): Pick<PutObject, 'type' | 'content' | 'size' | 'sha256'> {
  if (object !== undefined) return { type: object.type, content: object.content };
  if (file !== undefined) return { type: 'file', content: file.sha1, size: file.size, sha256: file.sha256 };
  const type = types.find(([one]) => one === textIn(fields, 'type'))?.[0] ?? 'file_sha1';
  const content = textIn(fields, 'content').trim();
  return { type, content: type === 'file_sha1' ? content.toUpperCase() : content };
}

function expiryIn(fields: FormData, object: ListedObject | undefined): number | null {
  const chosen = textIn(fields, 'expires');
  if (chosen === 'kept') return object?.expiresAt ?? null;
  return chosen === '' ? null : Date.now() + Number(chosen) * 1000;
}
