/** What the agent keeps on disk: its identity, and its last desired state. */
import { statSync } from 'node:fs';
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
} from '../../fs/durable.ts';
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
} as const;
const page = /^\d{16}\.json$/;

export class State {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  make(): void {
    makeFolder(this.folder);
    makeFolder(this.path('objects'));
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

  /** The desired state as received: its signature is checked at each read. */
  desired(): SignedDocument | undefined {
    const text = readIfThere(this.path('desired'));
    if (text === undefined) return undefined;
    const value: unknown = JSON.parse(text);
    if (fits(signedDocumentShape, value)) return value;
    throw new Error(`${this.path('desired')} is damaged.`);
  }

  saveIdentity(identity: Identity): void {
    writeDurably(this.path('identity'), JSON.stringify(identity));
  }

  saveDesired(desired: SignedDocument): void {
    writeDurably(this.path('desired'), JSON.stringify(desired));
  }

  /** Undefined when there is no outcome yet, or the file is damaged: then the desired state counts as it was signed. */
  outcome(): SavedOutcome | undefined {
    const value = valueIn(this.path('outcome'));
    return fits(savedOutcomeShape, value) ? value : undefined;
  }

  saveOutcome(outcome: SavedOutcome): void {
    writeDurably(this.path('outcome'), JSON.stringify(outcome));
  }

  changes(): number[] {
    const value = valueIn(this.path('changes'));
    return fits(changesShape, value) ? value : [];
  }

  saveChanges(changes: readonly number[]): void {
    writeDurably(this.path('changes'), JSON.stringify(changes));
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
    for (const name of filesIn(this.path('objects'))) {
      if (page.test(name.replace(/\.new$/, ''))) removeIfThere(join(this.path('objects'), name));
    }
    removeSpool(this.path('spool'));
  }

  /** Our own files by name, and the folders if nothing else is in them. */
  remove(): void {
    this.forgetEnrolment();
    this.#remove('simulated', 'simulatedRules', 'simulatedNetwork', 'protectedFiles');
    removeWorkerFiles(this.folder);
    removeFolderIfEmpty(this.path('objects'));
    removeFolderIfEmpty(this.path('spool'));
    removeFolderIfEmpty(join(this.folder, 'run'));
    removeFolderIfEmpty(this.folder);
  }

  #remove(...files: (keyof typeof names)[]): void {
    for (const path of files.map((file) => this.path(file))) {
      removeIfThere(path);
      removeIfThere(`${path}.new`);
    }
  }
}
