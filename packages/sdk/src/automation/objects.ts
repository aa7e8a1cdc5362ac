/** Lists, adds and removes user-defined suspicious objects, uploaded files among them. */
import { fileObjectPath, userDefinedObjectsPath } from '@cordon/protocol/words';
import type { ObjectType, ScanAction } from '@cordon/protocol/words';
import type { CallOptions } from './agents.ts';
import { jsonBody } from '../transport/body.ts';
import { usage } from '../errors.ts';
import { heldContent } from './file-content.ts';
import type { FileContent } from './file-content.ts';
import { Fields, recordsIn } from '../reading.ts';
import type { SignedApi } from './signed-api.ts';

export interface SuspiciousObject {
  readonly type: string;
  /** For a file, the SHA-1 of its bytes in upper-case hex. */
  readonly content: string;
  readonly action: string;
  readonly notes: string;
  /** UTC without a zone letter, as the server sends it; null for never. */
  readonly expires: string | null;
}

export interface ObjectFilter {
  readonly type?: ObjectType | undefined;
  /** Text that the content must contain. */
  readonly contentFilter?: string | undefined;
}

export interface NewObject {
  readonly type: ObjectType;
  readonly content: string;
  readonly action: ScanAction;
  readonly notes?: string | undefined;
  readonly expires?: Date | undefined;
}

export interface NewFile {
  readonly name: string;
  readonly content: Uint8Array | FileContent;
  readonly action: ScanAction;
  readonly note?: string | undefined;
}

export class Objects {
  readonly #api: SignedApi;

  constructor(api: SignedApi) {
    this.#api = api;
  }

  /** Every object, or those of one type or with some text in their content. */
  async list(filter: ObjectFilter = {}, options: CallOptions = {}): Promise<SuspiciousObject[]> {
    const query = { type: filter.type, contentFilter: filter.contentFilter };
    const { signal } = options;
    const { content } = await this.#api({ method: 'GET', path: userDefinedObjectsPath, query, signal });
    return recordsIn(content).map(readObject);
  }

  /** Adds an object, or changes the action, notes and expiry of an existing one. */
  async add(object: NewObject, options: CallOptions = {}): Promise<void> {
    const param = {
      type: object.type,
      content: object.content,
      scan_action: object.action,
      notes: object.notes ?? '',
      ...(object.expires === undefined ? {} : { expiration_utc_date: wireDate(object.expires) }),
    };
    const { signal } = options;
    await this.#api({ method: 'PUT', path: userDefinedObjectsPath, body: jsonBody({ param }), signal });
  }

  /** `removed` is false if there was none: servers answer that as success with a remark. */
  async remove(
    object: { type: ObjectType; content: string },
    options: CallOptions = {},
  ): Promise<{ removed: boolean }> {
    if (object.content === '') throw usage('The content of the object to remove is empty.', 'Give its exact content.');
    const query = { type: object.type, content: object.content };
    const { signal } = options;
    const { remark } = await this.#api({ method: 'DELETE', path: userDefinedObjectsPath, query, signal });
    return { removed: /^(success|operation successful)?\.?$/i.test(remark.trim()) };
  }

  /** Uploads a file; the server adds its SHA-1 to the list. Returns the SHA-1. */
  async addFile(file: NewFile, options: CallOptions = {}): Promise<{ sha1: string }> {
    const content = file.content instanceof Uint8Array ? heldContent(file.content) : file.content;
    const rest = { file_scan_action: file.action.toUpperCase(), note: file.note ?? '' };
    const before = `{"file_name":${JSON.stringify(file.name)},"file_content_base64_string":"`;
    const { signal } = options;
    const body = content.wrap(before, `",${JSON.stringify(rest).slice(1)}`, signal);
    await this.#api({ method: 'PUT', path: fileObjectPath, body, signal });
    return { sha1: await content.sha1() };
  }
}

function readObject(value: unknown): SuspiciousObject {
  const fields = new Fields(value);
  return {
    type: fields.text('type'),
    content: fields.text('content'),
    action: fields.text('scan_action'),
    notes: fields.text('notes'),
    expires: fields.textOrNull('expiration_utc_date'),
  };
}

/** `YYYY-MM-DDThh:mm:ssZ`, the form that most deployed clients send (contract 3.6). */
function wireDate(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
