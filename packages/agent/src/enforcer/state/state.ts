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

const identityFile = 'identity.json';
const desiredFile = 'desired-state.json';
const outcomeFile = 'outcome.json';
const changesFile = 'changes.json';
/** Made by an administrator, never by us: isolating this endpoint takes two people. */
const protectedFile = 'protected';
const objectsFolder = 'objects';
const simulatedFile = 'simulated.json';
const simulatedRulesFile = 'simulated-rules.json';
const simulatedNetworkFile = 'simulated-network.nft';
const spoolFolder = 'spool';
const tasksFile = 'tasks.json';
const quarantinesFile = 'quarantines.json';
const protectedFilesFile = 'protected-files.json';
const page = /^\d{16}\.json$/;

export class State {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  make(): void {
    makeFolder(this.folder);
    makeFolder(this.objects);
  }

  get objects(): string {
    return join(this.folder, objectsFolder);
  }

  /** Where the simulated kernel keeps what it "holds". */
  get simulated(): string {
    return join(this.folder, simulatedFile);
  }

  /** Where simulated workers keep the file rules that they "enforce". */
  get simulatedRules(): string {
    return join(this.folder, simulatedRulesFile);
  }

  /** The addresses and names that would be in force. */
  get simulatedNetwork(): string {
    return join(this.folder, simulatedNetworkFile);
  }

  get spool(): string {
    return join(this.folder, spoolFolder);
  }

  get tasks(): string {
    return join(this.folder, tasksFile);
  }

  get quarantines(): string {
    return join(this.folder, quarantinesFile);
  }

  get protectedFiles(): string {
    return join(this.folder, protectedFilesFile);
  }

  /** Undefined before the enrolment. */
  identity(): Identity | undefined {
    const text = readIfThere(join(this.folder, identityFile));
    if (text === undefined) return undefined;
    const value: unknown = JSON.parse(text);
    if (fits(identityShape, value)) return value;
    throw new Error(
      `${join(this.folder, identityFile)} is damaged; enrol again with: cordon-agent enrol --replace <token>`,
    );
  }

  /** The desired state as received: its signature is checked at each read. */
  desired(): SignedDocument | undefined {
    const text = readIfThere(join(this.folder, desiredFile));
    if (text === undefined) return undefined;
    const value: unknown = JSON.parse(text);
    if (fits(signedDocumentShape, value)) return value;
    throw new Error(`${join(this.folder, desiredFile)} is damaged.`);
  }

  saveIdentity(identity: Identity): void {
    writeDurably(join(this.folder, identityFile), JSON.stringify(identity));
  }

  saveDesired(desired: SignedDocument): void {
    writeDurably(join(this.folder, desiredFile), JSON.stringify(desired));
  }

  /** Undefined when there is no outcome yet, or the file is damaged: then the desired state counts as it was signed. */
  outcome(): SavedOutcome | undefined {
    const value = valueIn(join(this.folder, outcomeFile));
    return fits(savedOutcomeShape, value) ? value : undefined;
  }

  saveOutcome(outcome: SavedOutcome): void {
    writeDurably(join(this.folder, outcomeFile), JSON.stringify(outcome));
  }

  changes(): number[] {
    const value = valueIn(join(this.folder, changesFile));
    return fits(changesShape, value) ? value : [];
  }

  saveChanges(changes: readonly number[]): void {
    writeDurably(join(this.folder, changesFile), JSON.stringify(changes));
  }

  /** A file that root did not make protects nothing. */
  get isProtected(): boolean {
    const found = statSync(join(this.folder, protectedFile), { throwIfNoEntry: false });
    return found !== undefined && found.isFile() && found.uid === process.getuid?.();
  }

  /** What stays on disk when the agent is uninstalled. */
  get leftBehind(): Problem {
    return leftBehind(this.folder);
  }

  /** A new enrolment starts without the desired state and the list of the previous one. */
  forgetEnrolment(): void {
    for (const name of [identityFile, desiredFile, outcomeFile, changesFile, tasksFile, quarantinesFile]) {
      removeIfThere(join(this.folder, name));
      removeIfThere(join(this.folder, `${name}.new`));
    }
    for (const name of filesIn(this.objects)) {
      if (page.test(name.replace(/\.new$/, ''))) removeIfThere(join(this.objects, name));
    }
    removeSpool(this.spool);
  }

  /** Our own files by name, and the folders if nothing else is in them. */
  remove(): void {
    this.forgetEnrolment();
    for (const path of [this.simulated, this.simulatedRules, this.simulatedNetwork, this.protectedFiles]) {
      removeIfThere(path);
      removeIfThere(`${path}.new`);
    }
    removeWorkerFiles(this.folder);
    removeFolderIfEmpty(this.objects);
    removeFolderIfEmpty(this.spool);
    removeFolderIfEmpty(join(this.folder, 'run'));
    removeFolderIfEmpty(this.folder);
  }
}
