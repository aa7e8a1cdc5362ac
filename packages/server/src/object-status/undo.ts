/** Undoes an object: removes it from the list and restores its quarantined files everywhere. */
import type { UndoObject, UndoOutcome } from '@cordon/protocol/console';
import { everywhere } from '../access/scope.ts';
import type { Actor } from '../audit/audit.ts';
import type { Database } from '../database/database.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import type { Quarantine } from '../quarantine/quarantine.ts';
import type { Tasks } from '../tasks/tasks.ts';
import { actingOn, stillListed } from '../suspicious-objects/acting.ts';
import type { SuspiciousObjects } from '../suspicious-objects/objects.ts';
import { parseName } from '../suspicious-objects/parse.ts';

export interface UndoDeps {
  readonly database: Database;
  readonly now: () => number;
  readonly objects: SuspiciousObjects;
  readonly quarantine: Quarantine;
  readonly tasks: Tasks;
}

export class Undo {
  readonly #deps: UndoDeps;

  constructor(deps: UndoDeps) {
    this.#deps = deps;
  }

  /**
   * One transaction. Agents restore once they have the list without the object, else they would quarantine the file
   * again. Offline agents restore when they return, including files not known here yet.
   */
  async object(actor: Actor, body: UndoObject): Promise<UndoOutcome> {
    const object = parseName(body.type, body.content);
    const reason = body.reason ?? '';
    const isFile = object.type === 'file' || object.type === 'file_sha1';
    const done = await this.#deps.database.write(async (tx) => {
      const revision = await this.#deps.objects.removeIn(tx, object, { actor, act: 'undo-object' });
      const holders = isFile ? await this.#deps.quarantine.releaseAll(tx, object) : [];
      if (revision === undefined && holders.length === 0) {
        const message = `${object.type} ${object.content} is not on the list, and no endpoint is known to have quarantined a file for it.`;
        throw new ConsoleRefusal(404, 'object-unknown', message);
      }
      if (!isFile) return { revision, task: undefined };
      // The same file may be listed under its other type as well, and would be quarantined again for that.
      const others = body.confirmed === true ? [] : await actingOn(tx, [object.content], this.#deps.now());
      if (others.length > 0) throw new ConsoleRefusal(409, 'still-listed', stillListed(others));
      const work = { kind: 'restore-files', quarantine: null, object } as const;
      const asked = { work, works: new Map(holders.map((number) => [number, work])) };
      const target = `${object.type} ${object.content}`;
      const undo = { object, revision: revision ?? 0 };
      return { revision, task: await this.#deps.tasks.request(tx, actor, { ...asked, target, reason, undo }) };
    });
    if (done.revision !== undefined) this.#deps.objects.publishChange(done.revision);
    if (done.task !== undefined) this.#deps.tasks.publishChange(done.task);
    const task = done.task === undefined ? null : await this.#deps.tasks.one(done.task, everywhere);
    return { removed: done.revision !== undefined, task };
  }
}
