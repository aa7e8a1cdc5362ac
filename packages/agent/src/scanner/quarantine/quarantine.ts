/** The quarantine of an endpoint: takes files away, and puts them back as they were. */
import { constants } from 'node:fs';
import { partsOf } from '../../fs/path.ts';
import { codeOf, messageOf } from '../../message-of.ts';
import { isSameInode, statsOf, withDescriptor } from './entry.ts';
import type { Entry } from './entry.ts';
import { QuarantineFailure } from './failure.ts';
import { Folder, lockAgain } from './folder.ts';
import { putFlags, restore } from './restore.ts';
import type { Restored } from './restore.ts';
import { Store } from './store.ts';
import type { StoreOptions } from './store.ts';
import { asideName, take } from './take.ts';
import type { Taken, TakeRequest } from './take.ts';

export class Quarantine {
  readonly #store: Store;

  constructor(options: StoreOptions) {
    this.#store = new Store(options);
  }

  /** Throws a QuarantineFailure when the file stays where it is. */
  take(request: TakeRequest): Taken {
    return take(this.#store, request);
  }

  list(): Entry[] {
    return this.#store.entries();
  }

  /** Throws a QuarantineFailure when the copy stays in quarantine. */
  restore(id: string): Restored {
    const entry = this.#store.read(id.toUpperCase());
    if (!entry) throw new QuarantineFailure('gone', `There is no copy ${id} in the quarantine of this endpoint.`);
    return restore(this.#store, entry);
  }

  /** Finishes, or takes back, what a kill or a power cut has interrupted; answers with what proved to be taken. */
  recover(): { readonly taken: Entry[]; readonly problems: string[] } {
    const taken: Entry[] = [];
    const problems: string[] = [];
    for (const entry of this.#store.entries()) {
      try {
        const held = entry.state === 'taking' ? this.#recoverTaking(entry) : undefined;
        if (held) taken.push(held);
        if (entry.state === 'restoring') this.#recoverRestoring(entry);
      } catch (error) {
        // It stays as it is, and is looked at again at the next start.
        problems.push(`${entry.id}: ${messageOf(error)}`);
      }
    }
    this.#store.sweepOut();
    return { taken, problems };
  }

  #recoverTaking(entry: Entry): Entry | undefined {
    const untouched = this.#inFolder(entry, (folder, name) => {
      if (isSameInode(folder.look(asideName(entry.id)), entry.was)) {
        folder.remove(asideName(entry.id));
        folder.sync();
        return false;
      }
      if (!isSameInode(folder.look(name), entry.was)) return false;
      const file = folder.openFile(name, constants.O_RDONLY);
      withDescriptor(file, () => {
        if (isSameInode(statsOf(file), entry.was)) putFlags(this.#store.calls, entry, file);
      });
      return true;
    });
    if (untouched === true) {
      this.#store.forget(entry.id);
      return undefined;
    }
    const held: Entry = { ...entry, state: 'held' };
    this.#store.write(held);
    return held;
  }

  #recoverRestoring(entry: Entry): void {
    const { restored, ...rest } = entry;
    const placed = this.#inFolder(entry, (folder, name) => {
      if (restored && isSameInode(folder.look(name), restored)) {
        const file = folder.openFile(name, constants.O_RDONLY);
        withDescriptor(file, () => {
          if (isSameInode(statsOf(file), restored)) putFlags(this.#store.calls, entry, file);
        });
        folder.sync();
        return true;
      }
      // Only we make files with that name.
      const aside = folder.look(asideName(entry.id));
      if (aside?.isFile()) folder.remove(asideName(entry.id));
      return false;
    });
    if (placed === true) this.#store.forget(entry.id);
    else this.#store.write({ ...rest, state: 'held' });
  }

  /** Undefined when the folder can no longer be reached: then only the copy exists. */
  #inFolder(entry: Entry, act: (folder: Folder, name: Buffer) => boolean): boolean | undefined {
    const way = partsOf(Buffer.from(entry.path, 'base64'));
    if (!way) return undefined;
    let folder: Folder;
    try {
      folder = Folder.open(this.#store.calls, way.folders);
    } catch (error) {
      if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error) ?? '')) return undefined;
      throw error;
    }
    try {
      return act(folder, way.name);
    } finally {
      lockAgain(this.#store.calls, folder.descriptor, entry.folderFlags);
      folder.close();
    }
  }
}
