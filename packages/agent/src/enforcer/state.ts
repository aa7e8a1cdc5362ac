/** What the agent keeps on disk: who it is, and what was last wanted of it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SignedDocument } from '@cordon/protocol/channel';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { isMissing, makeFolder, readIfThere, removeFolderIfEmpty, removeIfThere, writeDurably } from './files.ts';

/** `identity.json`. The private key was made here and leaves this file for nobody. */
export const Identity = Type.Object({
  agent: Type.String({ minLength: 36, maxLength: 36 }),
  enrolment: Type.String({ minLength: 36, maxLength: 36 }),
  /** Ed25519: PKCS #8 DER, base64. */
  privateKey: Type.String(),
  /** The pinned key of those who may give orders, Ed25519: SPKI DER, base64. */
  orderKey: Type.String(),
  /** SHA-256 of the server's certificate. */
  fingerprint: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** From the enrolment token; tried when no gateway of the wanted document answers. */
  gateways: Type.Array(Type.Object({ host: Type.String(), port: Type.Integer({ minimum: 1, maximum: 65_535 }) }), {
    minItems: 1,
    maxItems: 64,
  }),
  enrolledAt: Type.Integer(),
});
export type Identity = Static<typeof Identity>;

const identityShape = Compile(Identity);
const signedShape = Compile(SignedDocument);

const identityFile = 'identity.json';
const wantedFile = 'wanted.json';
const objectsFolder = 'objects';
const simulatedFile = 'simulated.json';
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

  /** Undefined before the enrolment. */
  identity(): Identity | undefined {
    const text = readIfThere(join(this.folder, identityFile));
    if (text === undefined) return undefined;
    const value: unknown = JSON.parse(text);
    if (identityShape.Check(value)) return value;
    throw new Error(
      `${join(this.folder, identityFile)} is damaged; enrol again with: cordon-agent enrol --replace <token>`,
    );
  }

  /** The order as it was received: its signature is checked again each time it is read. */
  wanted(): SignedDocument | undefined {
    const text = readIfThere(join(this.folder, wantedFile));
    if (text === undefined) return undefined;
    const value: unknown = JSON.parse(text);
    if (signedShape.Check(value)) return value;
    throw new Error(`${join(this.folder, wantedFile)} is damaged.`);
  }

  saveIdentity(identity: Identity): void {
    writeDurably(join(this.folder, identityFile), JSON.stringify(identity));
  }

  saveWanted(wanted: SignedDocument): void {
    writeDurably(join(this.folder, wantedFile), JSON.stringify(wanted));
  }

  /** A new enrolment knows nothing of what was wanted, or listed, under the one before. */
  forgetEnrolment(): void {
    for (const name of [identityFile, wantedFile]) {
      removeIfThere(join(this.folder, name));
      removeIfThere(join(this.folder, `${name}.new`));
    }
    for (const name of filesIn(this.objects)) {
      if (page.test(name.replace(/\.new$/, ''))) removeIfThere(join(this.objects, name));
    }
  }

  /** Our own files by name, and the folders if nothing else is in them. */
  remove(): void {
    this.forgetEnrolment();
    removeIfThere(this.simulated);
    removeIfThere(`${this.simulated}.new`);
    removeFolderIfEmpty(this.objects);
    removeFolderIfEmpty(join(this.folder, 'run'));
    removeFolderIfEmpty(this.folder);
  }
}

export function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
