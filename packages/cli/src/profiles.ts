/** Keeps connections and their credentials in one file that only its owner can read. */
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { usage } from './failure.ts';
import type { World } from './world.ts';

export interface Profile {
  readonly url: string;
  /** SHA-256 of the server's certificate, where it is pinned. */
  readonly fingerprint?: string | undefined;
  /** PEM of the authority to trust instead. */
  readonly ca?: string | undefined;
  readonly applicationId?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly session?: { readonly token: string; readonly user: string; readonly expiresAt: number } | undefined;
}

export interface Profiles {
  /** The profile that is used when none is named. */
  readonly current: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

function profilesPath(world: World): string {
  const config = world.env['XDG_CONFIG_HOME'] ?? '';
  return join(config === '' ? join(world.home, '.config') : config, 'cordon', 'profiles.json');
}

export async function readProfiles(world: World): Promise<Profiles> {
  const path = profilesPath(world);
  const text = await readFile(path, 'utf8').catch((error: unknown) => absent(error));
  if (text === undefined) return { current: 'default', profiles: {} };
  try {
    const value: unknown = JSON.parse(text);
    if (isProfiles(value)) return value;
  } catch {
    // Damaged JSON and JSON of another shape are told the same way.
  }
  throw usage(`${path} is damaged.`, 'Remove it and run "cordon login" again.');
}

/** Written whole beside the old one and put in its place, so that a crash leaves one of the two. */
export async function writeProfiles(world: World, profiles: Profiles): Promise<void> {
  const path = profilesPath(world);
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

function isProfiles(value: unknown): value is Profiles {
  if (!isRecord(value) || typeof value['current'] !== 'string' || !isRecord(value['profiles'])) return false;
  return Object.values(value['profiles']).every((profile) => isRecord(profile) && typeof profile['url'] === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
