/** Keeps connections and their credentials in one file that only its owner can read. */
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { usage } from './failure.ts';
import type { World } from './world.ts';

export interface KeptConnection {
  readonly url: string;
  /** SHA-256 of the server's certificate, where it is pinned. */
  readonly fingerprint?: string | undefined;
  /** PEM of the authority to trust instead. */
  readonly ca?: string | undefined;
  readonly applicationId?: string | undefined;
  readonly apiKey?: string | undefined;
  /** What `cordon audit verify` found when it last found nothing wrong. */
  readonly audit?: KnownAudit | undefined;
  readonly session?: { readonly token: string; readonly user: string; readonly expiresAt: number } | undefined;
}

export interface KnownAudit {
  /** The key that checkpoints verify under: Ed25519, SPKI DER, base64. */
  readonly publicKey: string;
  /** The last line, which must never be missing or another one again. */
  readonly id: number;
  readonly hash: string;
}

export interface KeptConnections {
  /** The connection that is used when none is named. */
  readonly current: string;
  readonly profiles: Readonly<Record<string, KeptConnection>>;
}

export function connectionsPath(world: World): string {
  const config = world.env['XDG_CONFIG_HOME'] ?? '';
  return join(config === '' ? join(world.home, '.config') : config, 'cordon', 'profiles.json');
}

export async function readConnections(world: World): Promise<KeptConnections> {
  const path = connectionsPath(world);
  const text = await readFile(path, 'utf8').catch((error: unknown) => absent(error));
  if (text === undefined) return { current: 'default', profiles: {} };
  try {
    const value: unknown = JSON.parse(text);
    if (isConnections(value)) return value;
  } catch {
    // Damaged JSON and JSON of another shape are told the same way.
  }
  throw usage(`${path} is damaged.`, 'Remove it and run "cordon login" again.');
}

/** Written whole beside the old one and put in its place, so that a crash leaves one of the two. */
export async function writeConnections(world: World, profiles: KeptConnections): Promise<void> {
  const path = connectionsPath(world);
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const fresh = `${path}.${process.pid}`;
  await writeFile(fresh, `${JSON.stringify(profiles, undefined, 2)}\n`, { mode: 0o600 });
  await rename(fresh, path);
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
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
