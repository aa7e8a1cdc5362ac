/** Node and the native parts for each architecture, as package-lock.json names and digests them. */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const cache = fileURLToPath(new URL('node_modules/.cache/cordon-package/', root));

export const architectures = {
  amd64: { npm: 'x64', rpm: 'x86_64', strip: 'x86_64-linux-gnu-strip' },
  arm64: { npm: 'arm64', rpm: 'aarch64', strip: 'aarch64-linux-gnu-strip' },
} as const;

export type Architecture = keyof typeof architectures;

/** The Node of this architecture, without the symbols that only a debugger reads (127 to 109 MB). */
export function nodeFor(architecture: Architecture): string {
  const { npm, strip } = architectures[architecture];
  const folder = locked(`node-linux-${npm}`);
  const stripped = join(folder, 'node-stripped');
  if (!existsSync(stripped)) {
    const part = `${stripped}.${process.pid}`;
    run(strip, ['-o', part, join(folder, 'bin/node')], 'binutils for this architecture');
    renameSync(part, stripped);
  }
  return stripped;
}

/** The npm package of Node, with its licence and those of what it contains. */
export function nodePackage(architecture: Architecture): string {
  return locked(`node-linux-${architectures[architecture].npm}`);
}

/** The folder of koffi's binary for glibc. */
export function koffiFor(architecture: Architecture): string {
  return locked(`@koromix/koffi-linux-${architectures[architecture].npm}`);
}

/** The unpacked npm package, in exactly the version of the lock file. Downloads it once; throws when the digest differs. */
function locked(name: string): string {
  const lock: unknown = JSON.parse(readFileSync(new URL('package-lock.json', root), 'utf8'));
  const { version, integrity } = Object(Object(Object(lock).packages)[`node_modules/${name}`]);
  const folder = join(cache, `${name.replace('/', '+')}-${String(version)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  // A folder of our own: two builds may begin at the same moment, as two test files do.
  const scratch = mkdtempSync(join(cache, 'unpacking-'));
  const printed = execFileSync('npm', ['pack', `${name}@${String(version)}`, '--json', '--pack-destination', scratch], {
    cwd: fileURLToPath(root),
    encoding: 'utf8',
  });
  const [packed]: { filename: string }[] = JSON.parse(printed);
  const archive = join(scratch, packed?.filename ?? '');
  const digest = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (digest !== integrity)
    throw new Error(`${name} ${String(version)} is ${digest}; package-lock.json says ${String(integrity)}.`);
  const unpacked = join(scratch, 'package');
  mkdirSync(unpacked);
  execFileSync('tar', ['-xzf', archive, '-C', unpacked, '--strip-components=1']);
  putInPlace(unpacked, folder);
  rmSync(scratch, { recursive: true });
  return folder;
}

/** Another build may have been quicker: its folder has the same content. */
function putInPlace(unpacked: string, folder: string): void {
  try {
    renameSync(unpacked, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

/** Runs a program of the system; when it is missing, says which Debian package has it. */
export function run(
  program: string,
  args: readonly string[],
  from: string,
  options: { env?: NodeJS.ProcessEnv } = {},
): void {
  try {
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
  } catch (error) {
    if (Object(error).code === 'ENOENT')
      throw new Error(`${program} is not installed; Debian has it in ${from}.`, { cause: error });
    throw new Error(`${program} failed: ${String(Object(error).stderr)}`, { cause: error });
  }
}
