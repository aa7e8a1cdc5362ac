/** `cordon-server renew-certificate`: another certificate, or another key, without losing an agent. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { errnoText } from '@cordon/protocol/errno-text';
import { reportsOfAll } from '../agents/table.ts';
import type { Base } from '../base.ts';
import type { Queries } from '../database/database.ts';
import { DesiredStates } from '../desired-state/desired-states.ts';
import { DesiredStateSeal } from '../desired-state/seal.ts';
import { publicKeyPinIn } from '../secrets/certificate.ts';
import { shownPublicKeyPins } from '../servers/servers.ts';
import { hostsOf } from './open.ts';
import { renewOwn } from './own-certificate.ts';
import { nextKey, ownKey, storeNextKey, adoptNextKey } from './own-key.ts';

/** What it prints, and whether it did what was asked. */
export interface Renewed {
  readonly text: string;
  readonly done: boolean;
}

type Ground = Pick<Base, 'config' | 'database' | 'now' | 'pins' | 'sealer'>;

/** What is asked of it: one of these. */
export type Renewal =
  | { readonly kind: 'same-key' | 'forget-old' }
  | { readonly kind: 'new-key'; readonly force: boolean }
  | { readonly kind: 'announce'; readonly file: string };

const options = {
  'new-key': { type: 'boolean' },
  announce: { type: 'string' },
  'forget-old': { type: 'boolean' },
  force: { type: 'boolean' },
} as const;
const maxNamed = 10;
const soon = 'A running server takes it within 2 s.';

/** Undefined for arguments that are unknown, or contradict each other. */
export function readRenewal(args: readonly string[]): Renewal | undefined {
  let values: Readonly<{ 'new-key'?: boolean; announce?: string; 'forget-old'?: boolean; force?: boolean }>;
  try {
    ({ values } = parseArgs({ args: [...args], options, strict: true }));
  } catch {
    return undefined; // The usage says more than the parser.
  }
  const { announce: file, force = false, 'forget-old': forget = false, 'new-key': isNew = false } = values;
  const asked = [isNew, file !== undefined, forget].filter(Boolean).length;
  if (asked > 1 || (force && !isNew)) return undefined;
  if (file !== undefined) return { kind: 'announce', file };
  if (isNew) return { kind: 'new-key', force };
  return { kind: forget ? 'forget-old' : 'same-key' };
}

export async function renewCertificate(base: Ground, renewal: Renewal): Promise<Renewed> {
  if (renewal.kind === 'announce') return announce(base, renewal.file);
  if (renewal.kind === 'forget-old') return forgetOld(base);
  if (base.config.tls !== undefined) {
    const { certificate } = base.config.tls;
    return refused(
      `This server shows your certificate ${certificate} (CORDON_TLS_CERT). Replace the two files; a running server takes them within 2 s. ` +
        'If the key changes with it, announce the new one first: cordon-server renew-certificate --announce FILE',
    );
  }
  return renewal.kind === 'new-key' ? newKey(base, renewal.force) : sameKey(base);
}

async function sameKey(base: Ground): Promise<Renewed> {
  const { config, database, sealer } = base;
  const hosts = hostsOf(config);
  const key = await ownKey(database, sealer, undefined);
  const { fingerprint } = await renewOwn(config.data, hosts, { key, now: base.now() });
  return done(
    `The certificate is renewed for ${hosts.join(', ')}, with the same key; no agent notices. ${soon}\nSHA-256 ${fingerprint}: commands that pin the old one need "cordon trust".`,
  );
}

/** The first time it announces the key; again, and with every agent informed, it uses it. */
async function newKey(base: Ground, force: boolean): Promise<Renewed> {
  const { config, database, sealer, now } = base;
  const next = await nextKey(database.read, sealer);
  if (next === undefined) {
    const pin = await database.write(async (tx) => {
      const made = publicKeyPinIn(await storeNextKey(tx, sealer));
      await announced(base, tx, made);
      return made;
    });
    return done(`${announcement(pin)} Then run this again, to use it.\n${await whoKnows(base, pin)}`);
  }
  const pin = publicKeyPinIn(next);
  const { without, text } = await known(base, pin);
  if (without > 0 && !force)
    return refused(`${text}\nWait, and run this again. --force uses the key now; those agents must be enrolled again.`);
  await database.write((tx) => adoptNextKey(tx, sealer, next));
  const { fingerprint } = await renewOwn(config.data, hostsOf(config), { key: next, now: now() });
  return done(
    `The new key sha256//${pin} is in use, with the certificate SHA-256 ${fingerprint}. ${soon} Other nodes take it when they restart.\n${text}\n` +
      'When every node shows it: cordon-server renew-certificate --forget-old',
  );
}

async function announce(base: Ground, file: string): Promise<Renewed> {
  let pin: string;
  try {
    pin = publicKeyPinIn(await readFile(file, 'utf8'));
  } catch (error) {
    return refused(`${file} is no certificate and no key in PEM: ${errnoText(error)}`);
  }
  if (!base.pins.all.includes(pin)) await base.database.write((tx) => announced(base, tx, pin));
  return done(`${announcement(pin)} Then replace the files of the certificate.\n${await whoKnows(base, pin)}`);
}

/**
 * Only the keys that running nodes show, and an announced one of our own, are trusted from now on. The settings of this
 * command say nothing about them: a shell may lack CORDON_TLS_CERT, and another node may still show the old key.
 */
async function forgetOld(base: Ground): Promise<Renewed> {
  const { database, now, pins, sealer } = base;
  const shown = await shownPublicKeyPins(database.read, now());
  if (shown.length === 0 || shown.includes(''))
    return refused(
      'No server runs, or one of an older version does, so the keys that agents need are not known. Start every node with this version, and run this again.',
    );
  const next = await nextKey(database.read, sealer);
  const kept = [...shown, ...(next === undefined ? [] : [publicKeyPinIn(next)])];
  const forgotten = await database.write(async (tx) => {
    const count = await pins.keep(tx, kept);
    if (count > 0) await renewAll(base, tx);
    return count;
  });
  return done(
    `${forgotten} public keys are forgotten. Agents trust: ${kept.map((pin) => `sha256//${pin}`).join(', ')}`,
  );
}

async function announced(base: Ground, tx: Queries, pin: string): Promise<void> {
  await base.pins.add(tx, pin);
  await renewAll(base, tx);
}

function renewAll({ database, now, sealer }: Ground, tx: Queries): Promise<void> {
  return new DesiredStates(database, new DesiredStateSeal(sealer)).renewAll(tx, now());
}

function announcement(pin: string): string {
  return `The public key sha256//${pin} is announced: a running server sends it to its agents within 2 s, signed. Wait until every agent has it; this says how many do.`;
}

async function whoKnows(base: Ground, pin: string): Promise<string> {
  return (await known(base, pin)).text;
}

/** By the agents' own signed reports. */
async function known({ database }: Ground, pin: string): Promise<{ without: number; text: string }> {
  let all = 0;
  const without: string[] = [];
  for await (const { host_name: name, report } of reportsOfAll(database.read)) {
    all += 1;
    if (!trustedIn(report).includes(pin)) without.push(name);
  }
  const names = without.slice(0, maxNamed).join(', ') + (without.length > maxNamed ? ', …' : '');
  const rest = without.length === 0 ? '' : `; not yet: ${names}`;
  return { without: without.length, text: `${all - without.length} of ${all} agents have it${rest}.` };
}

/** The signature was checked when the report came. */
function trustedIn(report: string | null): string[] {
  if (report === null) return [];
  const { document } = Object(JSON.parse(report));
  const { publicKeyPins } = Object(typeof document === 'string' ? JSON.parse(document) : undefined);
  return Array.isArray(publicKeyPins) ? publicKeyPins.map(String) : [];
}

function done(text: string): Renewed {
  return { text, done: true };
}

function refused(text: string): Renewed {
  return { text, done: false };
}
