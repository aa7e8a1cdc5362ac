/** What the agent keeps on disk: its identity, and its last desired state. A full disk does not make it forget either. */
import { randomBytes } from 'node:crypto';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signedDocumentShape } from '@cordon/protocol/channel';
import type { SignedDocument } from '@cordon/protocol/channel';
import { fits } from '@cordon/protocol/shape';
import {
  filesIn,
  makeFolder,
  readIfThere,
  removeFolderIfEmpty,
  removeIfThere,
  valueIn,
  writeDurably,
  writeQuickly,
} from '../../fs/durable.ts';
import { codeOf } from '../../message-of.ts';
import { leftBehind, removeWorkerFiles } from './left-behind.ts';
import type { Problem } from '../../problem.ts';
import { removeSpool } from '../detections/spool-files.ts';
import { changesShape, identityShape, savedOutcomeShape } from './state.shape.ts';
import type { Identity, SavedOutcome } from './state.shape.ts';

export type { Identity, SavedOutcome } from './state.shape.ts';

/** The files and folders in the state folder. */
const names = {
  identity: 'identity.json',
  desired: 'desired-state.json',
  outcome: 'outcome.json',
  changes: 'changes.json',
  /** Made by an administrator, never by us: isolating this endpoint takes two people. */
  protected: 'protected',
  objects: 'objects',
  /** What the simulated kernel "holds", the file rules that simulated workers "enforce", and the addresses and names. */
  simulated: 'simulated.json',
  simulatedRules: 'simulated-rules.json',
  simulatedNetwork: 'simulated-network.nft',
  spool: 'spool',
  tasks: 'tasks.json',
  quarantines: 'quarantines.json',
  protectedFiles: 'protected-files.json',
  reserve: 'reserve',
} as const;
/** Room that a full disk still has for a desired state, and for how it ended. */
const reserveBytes = 256 * 1024;
const noRoom = new Set(['ENOSPC', 'EDQUOT']);
const page = /^\d{16}\.json$/;

export class State {
  readonly folder: string;
  readonly #memory: string | undefined;

  /**
   * `memory`: a folder that, like the rules of the kernel, lasts until the next boot: for a desired state that the disk
   * does not take.
   */
  constructor(folder: string, memory?: string) {
    this.folder = folder;
    this.#memory = memory && join(memory, names.desired);
  }

  make(): void {
    makeFolder(this.folder);
    makeFolder(this.path('objects'));
    this.#makeReserve();
  }

  path(of: keyof typeof names): string {
    return join(this.folder, names[of]);
  }

  /** Undefined before the enrolment. */
  identity(): Identity | undefined {
    const text = readIfThere(this.path('identity'));
    if (text === undefined) return undefined;
    const value: unknown = JSON.parse(text);
    if (fits(identityShape, value)) return value;
    throw new Error(`${this.path('identity')} is damaged; enrol again with: cordon-agent enrol --replace <token>`);
  }

  /** The desired state as received, and one that the disk did not take: their signatures are checked at each read. */
  desired(): SignedDocument[] {
    const paths = [this.path('desired'), ...(this.#memory === undefined ? [] : [this.#memory])];
    return paths.flatMap((path) => {
      const value = valueIn(path);
      return fits(signedDocumentShape, value) ? [value] : [];
    });
  }

  saveIdentity(identity: Identity): void {
    writeDurably(this.path('identity'), JSON.stringify(identity));
  }

  /** The disk has not taken the last desired state yet. */
  get isUnsaved(): boolean {
    return this.#memory !== undefined && existsSync(this.#memory);
  }

  /** Throws when the disk does not take it; until the next boot it is then remembered all the same. */
  saveDesired(desired: SignedDocument): void {
    try {
      this.#write('desired', JSON.stringify(desired));
      if (this.#memory !== undefined) removeIfThere(this.#memory);
    } catch (error) {
      if (this.#memory !== undefined) writeQuickly(this.#memory, JSON.stringify(desired));
      throw error;
    }
  }

  /** Undefined when there is no outcome yet, or the file is damaged: then the desired state counts as it was signed. */
  outcome(): SavedOutcome | undefined {
    const value = valueIn(this.path('outcome'));
    return fits(savedOutcomeShape, value) ? value : undefined;
  }

  saveOutcome(outcome: SavedOutcome): void {
    this.#write('outcome', JSON.stringify(outcome));
  }

  changes(): number[] {
    const value = valueIn(this.path('changes'));
    return fits(changesShape, value) ? value : [];
  }

  saveChanges(changes: readonly number[]): void {
    this.#write('changes', JSON.stringify(changes));
  }

  /** A file that root did not make protects nothing. */
  get isProtected(): boolean {
    const found = statSync(this.path('protected'), { throwIfNoEntry: false });
    return found !== undefined && found.isFile() && found.uid === process.getuid?.();
  }

  /** What stays on disk when the agent is uninstalled. */
  get leftBehind(): Problem {
    return leftBehind(this.folder);
  }

  /** A new enrolment starts without the desired state and the list of the previous one. */
  forgetEnrolment(): void {
    this.#remove('identity', 'desired', 'outcome', 'changes', 'tasks', 'quarantines');
    if (this.#memory !== undefined) removeIfThere(this.#memory);
    for (const name of filesIn(this.path('objects'))) {
      if (page.test(name.replace(/\.new$/, ''))) removeIfThere(join(this.path('objects'), name));
    }
    removeSpool(this.path('spool'));
  }

  /** Our own files by name, and the folders if nothing else is in them. */
  remove(): void {
    this.forgetEnrolment();
    this.#remove('simulated', 'simulatedRules', 'simulatedNetwork', 'protectedFiles', 'reserve');
    removeWorkerFiles(this.folder);
    removeFolderIfEmpty(this.path('objects'));
    removeFolderIfEmpty(this.path('spool'));
    removeFolderIfEmpty(join(this.folder, 'run'));
    removeFolderIfEmpty(this.folder);
  }

  /** With the reserve, if there is no other room. */
  #write(of: keyof typeof names, text: string): void {
    try {
      writeDurably(this.path(of), text);
      this.#makeReserve();
    } catch (error) {
      if (!noRoom.has(codeOf(error) ?? '')) throw error;
      this.#remove('reserve');
      removeIfThere(`${this.path(of)}.new`);
      writeDurably(this.path(of), text);
    }
  }

  #makeReserve(): void {
    if (statSync(this.path('reserve'), { throwIfNoEntry: false })?.size === reserveBytes) return;
    try {
      // No zeros: a filesystem that compresses would keep no room for them.
      writeFileSync(this.path('reserve'), randomBytes(reserveBytes), { mode: 0o600 });
    } catch {
      removeIfThere(this.path('reserve')); // There is no room for it now; the next save tries again.
    }
  }

  #remove(...files: (keyof typeof names)[]): void {
    for (const path of files.map((file) => this.path(file))) {
      removeIfThere(path);
      removeIfThere(`${path}.new`);
    }
  }
}
