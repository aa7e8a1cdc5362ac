/** The list of suspicious objects, and where each is enforced. */
import {
  consolePaths,
  listedObjectPageShape,
  listedObjectShape,
  objectCheckShape,
  objectDetailsShape,
  undoOutcomeShape,
} from '@cordon/protocol/console';
import type {
  ListedObject,
  ListedObjectPage,
  ObjectCheck,
  ObjectDetails,
  PutObject,
  UndoObject,
  UndoOutcome,
} from '@cordon/protocol/console';
import { queryOf, read, within } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';

export interface ListedObjectFilter {
  readonly type?: string | undefined;
  readonly search?: string | undefined;
  readonly after?: string | undefined;
}

/** What identifies an object. */
export interface ObjectKey {
  readonly type: string;
  readonly content: string;
}

export class ConsoleObjects {
  readonly #api: ConsoleApi;

  constructor(api: ConsoleApi) {
    this.#api = api;
  }

  async list(filter: ListedObjectFilter = {}): Promise<ListedObjectPage> {
    return read(this.#api, listedObjectPageShape, {
      method: 'GET',
      path: consolePaths.objects,
      query: queryOf(filter),
    });
  }

  /** One object: how many agents hold it, and what each agent does about it. */
  async get({ type, content }: ObjectKey): Promise<ObjectDetails> {
    return read(this.#api, objectDetailsShape, { method: 'GET', path: within(consolePaths.objects, type, content) });
  }

  /** What the listing safety check says, and the prevalence; nothing is listed. */
  async check(body: PutObject): Promise<ObjectCheck> {
    return read(this.#api, objectCheckShape, { method: 'POST', path: `${consolePaths.objects}/check`, body });
  }

  /** Adds or changes an object. What needs a confirmation is refused unless `confirmed` is true. */
  async put(body: PutObject): Promise<ListedObject> {
    return read(this.#api, listedObjectShape, { method: 'POST', path: consolePaths.objects, body });
  }

  /** Removes an object from the list, and restores every file that was quarantined for it. */
  async undo(body: UndoObject): Promise<UndoOutcome> {
    return read(this.#api, undoOutcomeShape, { method: 'POST', path: `${consolePaths.objects}/undo`, body });
  }
}
