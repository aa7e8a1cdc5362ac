/** What describes a release beside its packages: their digests, and a manifest that a release key signs. */
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes SHA256SUMS of every package in `folder`, as sha256sum(1) does: an older release there stays offered. */
export function writeSums(folder: string): void {
  const lines = packagesIn(folder).map((name) => `${digestOf(join(folder, name))}  ${name}\n`);
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''));
}

/** Writes manifest.json of what was made, and manifest.json.sig (Ed25519, base64) with the key in the PEM file `keyFile`. */
export function writeManifest(
  folder: string,
  { version, names }: { version: string; names: readonly string[] },
  keyFile: string | undefined,
): void {
  const files = names
    .toSorted()
    .map((name) => ({ name, bytes: statSync(join(folder, name)).size, sha256: digestOf(join(folder, name)) }));
  const manifest = `${JSON.stringify({ version, files }, null, 2)}\n`;
  writeFileSync(join(folder, 'manifest.json'), manifest);
  if (keyFile === undefined) return;
  const signature = sign(null, Buffer.from(manifest), createPrivateKey(readFileSync(keyFile)));
  writeFileSync(join(folder, 'manifest.json.sig'), `${signature.toString('base64')}\n`);
}

function packagesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /\.(deb|rpm|tar\.xz)$/.test(name))
    .sort();
}

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
