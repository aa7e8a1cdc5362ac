/** What a package installs, as data, and how it is laid out in a folder: the same bytes each time. */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

export type Entry = {
  /** Where it is installed: absolute. */
  readonly path: string;
  /** Kept when an administrator has changed it. */
  readonly setting?: true;
} & (
  | { readonly content: string; readonly executable?: true }
  | { readonly file: string; readonly executable?: true }
  | { readonly folder: string }
  | { readonly link: string }
);

/** Writes the entries below `into`. Every time is `epoch`, in seconds; modes do not depend on the umask. */
export function layOut(entries: readonly Entry[], into: string, epoch: number): void {
  for (const entry of entries) {
    const path = join(into, entry.path);
    mkdirSync(dirname(path), { recursive: true });
    if ('link' in entry) symlinkSync(entry.link, path);
    else if ('folder' in entry) cpSync(entry.folder, path, { recursive: true, dereference: true });
    else if ('file' in entry) copyFileSync(entry.file, path);
    else writeFileSync(path, entry.content);
    if ('executable' in entry) chmodSync(path, 0o755);
  }
  settle(into, epoch, new Set(entries.flatMap((one) => ('executable' in one ? [join(into, one.path)] : []))));
}

function settle(path: string, epoch: number, executables: ReadonlySet<string>): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) settle(inner, epoch, executables);
    else if (entry.isFile()) chmodSync(inner, executables.has(inner) ? 0o755 : 0o644);
    lutimesSync(inner, epoch, epoch);
  }
  chmodSync(path, 0o755);
  lutimesSync(path, epoch, epoch);
}

/** The files and links below a folder, as absolute paths of where they will be. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join('/', relative(folder, entry.parentPath), entry.name))
    .sort();
}
