/** Saves connections and their credentials in one file that only its owner can read. */
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { usage } from '../command/failure.ts';
import { unusable } from '../command/file-failures.ts';
import { errnoOf } from '@cordon/protocol/errno-text';
import type { World } from '../world/world.ts';

export interface KeptConnection {
  readonly url: string;
  /** SHA-256 of the server's certificate, if it is pinned. */
  readonly fingerprint?: string | undefined;
  /** PEM of the authority to trust instead. */
  readonly ca?: string | undefined;
  readonly applicationId?: string | undefined;
  readonly apiKey?: string | undefined;
  /** The result of the last successful `cordon audit verify`. */
  readonly audit?: KnownAudit | undefined;
  readonly session?: { readonly token: string; readonly user: string; readonly expiresAt: number } | undefined;
}

export interface KnownAudit {
  /** The key that checkpoints verify under: Ed25519, SPKI DER, base64. */
  readonly publicKey: string;
  /** The last line; it must never disappear or change. */
  readonly id: number;
  readonly hash: string;
}

export interface KeptConnections {
  /** The connection used if none is named. */
  readonly current: string;
  readonly profiles: Readonly<Record<string, KeptConnection>>;
}

export function connectionsPath(world: World): string {
  const config = world.env['XDG_CONFIG_HOME'] ?? '';
  return join(config === '' ? join(world.home, '.config') : config, 'cordon', 'profiles.json');
}

export async function readConnections(world: World): Promise<KeptConnections> {
  const path = connectionsPath(world);
  const text = await readFile(path, 'utf8').catch((error: unknown) => absent(path, error));
  if (text === undefined) return { current: 'default', profiles: {} };
  try {
    const value: unknown = JSON.parse(text);
    if (isConnections(value)) return value;
  } catch {
    // Damaged JSON and JSON of another shape give the same error.
  }
  throw usage(`${path} is damaged.`, 'Remove it and run "cordon login" again.');
}

/** Written to a new file and renamed, so that a crash leaves the old file or the new one. */
export async function writeConnections(world: World, profiles: KeptConnections): Promise<void> {
  const path = connectionsPath(world);
  const text = `${JSON.stringify(profiles, undefined, 2)}\n`;
  await writePrivately(path, text).catch(unusable(`The connection cannot be saved in ${path}`, elsewhere));
}

const elsewhere = 'Correct that, or set XDG_CONFIG_HOME to a folder that is yours.';

async function writePrivately(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  if ((await stat(folder)).isDirectory()) await chmod(folder, 0o700);
  const fresh = `${path}.${process.pid}`;
  try {
    await writeFile(fresh, text, { mode: 0o600 });
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true }).catch(() => {}); // The first failure is the one reported.
    throw error;
  }
}

/** Like `mkdir -p`. Node's own never returns under /proc, where a folder cannot be created. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return;
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path, { mode: 0o700 });
  }
}

function absent(path: string, error: unknown): undefined {
  if (errnoOf(error) === 'ENOENT') return undefined;
  return unusable(`The connections in ${path} cannot be read`, elsewhere)(error);
}

function isConnections(value: unknown): value is KeptConnections {
  if (!isRecord(value) || typeof value['current'] !== 'string' || !isRecord(value['profiles'])) return false;
  return Object.values(value['profiles']).every(
    (connection) => isRecord(connection) && typeof connection['url'] === 'string',
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
