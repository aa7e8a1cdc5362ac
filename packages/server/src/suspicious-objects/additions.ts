/** What is put on the list: entries and files of clients, in the one form that the list takes. Pure. */
import { createHash } from 'node:crypto';
import { Refusal } from '@cordon/protocol/automation';
import type { AddObject } from '@cordon/protocol/automation';
import type { ObjectName } from '@cordon/protocol/channel';
import type { Fact } from '../audit/audit.ts';
import { wireEntry } from './forms.ts';
import type { ObjectRow, ObjectTerms } from './table.ts';
import { parseAction, parseNotes } from './parse.ts';
import type { ParsedObject } from './parse.ts';

/** An uploaded file: what is stored of it. Its content never is. */
export interface UploadedFile {
  readonly name: string;
  readonly action: string;
  readonly note: string | null | undefined;
  /** Bytes. */
  readonly size: number;
  /** Upper-case hex. */
  readonly sha1: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** An object's fields besides its name and its action. */
export type ObjectFields = Pick<ObjectRow, 'notes' | 'expires_at' | 'size' | 'sha256'>;

/** An object to put, parsed and past listing safety. */
export interface Addition extends ObjectName, Pick<ParsedObject, 'scanAction'> {
  readonly detail: string;
  /**
   * Computed from the row at the moment of the change, because fields left out keep their value: a canary may have been
   * halted in the meantime. Only people set terms beyond the API's fields; everything else leaves them.
   */
  readonly said: (before: ObjectRow | undefined) => ObjectFields & Partial<ObjectTerms>;
  /** The request was confirmed. */
  readonly confirmed?: boolean;
}

/** `type: file` with the content itself in base64, as one public client sends it. */
export function fileInContent(param: AddObject['param']): UploadedFile {
  const bytes = Buffer.from(param.content, 'base64');
  const isWhole = param.content.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(param.content);
  if (!isWhole || bytes.length === 0) {
    throw new Refusal(
      'parameter-invalid',
      'content of type file must be the file in base64. For a hash, use type file_sha1.',
    );
  }
  const sha1 = createHash('sha1').update(bytes).digest('hex').toUpperCase();
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { name: '', action: param.scan_action, note: param.notes, size: bytes.length, sha1, sha256 };
}

export function fileAddition(file: UploadedFile, expiresAt: number | null): Addition {
  const scanAction = parseAction(file.action, 'file_scan_action', 'file');
  const notes = parseNotes(file.note, 'note');
  if (file.size === 0) {
    throw new Refusal(
      'file-unusable',
      'The file is empty. All empty files have the same hash, so it cannot be listed.',
    );
  }
  const { size, sha256 } = file;
  const detail = JSON.stringify({ file_name: file.name.slice(0, 255), size, sha256 });
  const said = { notes, expires_at: expiresAt, size, sha256 };
  return { type: 'file', content: file.sha1, scanAction, said: () => said, detail };
}

export function additionFact(
  object: Addition,
  { before, said }: { before: ObjectRow | undefined; said: Pick<ObjectFields, 'notes' | 'expires_at'> },
): Fact {
  const after = { scan_action: object.scanAction, notes: said.notes, expires_at: said.expires_at };
  const detail = JSON.stringify({
    before: before === undefined ? null : wireEntry(before),
    after,
    file: object.detail,
  });
  return { act: 'put-object', target: `${object.type} ${object.content}`, outcome: 'done', detail };
}
