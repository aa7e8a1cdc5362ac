/**
 * Builds what is installed, under `build/release`: `npm run package`.
 *
 *   npm run package -- [--only cordon-agent,…] [--architectures amd64,arm64] [--formats deb,rpm,archive] [--quick]
 *                      [--key release-key.pem] [--into folder]
 *
 * The same commit makes the same bytes. `--quick` hardly compresses; without `--key` the manifest is not signed.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildConsole } from '../console-site.ts';
import { makeArchive } from './archive.ts';
import { makeDeb } from './deb.ts';
import { products } from './products.ts';
import { writeManifest, writeSums } from './release.ts';
import { makeRpm } from './rpm.ts';
import { architectures } from './runtime.ts';
import { versionOfCommit } from './version.ts';

const formats = { deb: makeDeb, rpm: makeRpm, archive: makeArchive } as const;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    architectures: { type: 'string' },
    formats: { type: 'string' },
    quick: { type: 'boolean', default: false },
    key: { type: 'string' },
    into: { type: 'string', default: 'build/release' },
  },
});

/** All of them, or those that an option names. */
function chosen<Name extends string>(
  option: 'only' | 'architectures' | 'formats',
  table: Readonly<Record<Name, unknown>>,
): Name[] {
  const isKnown = (name: string): name is Name => Object.hasOwn(table, name);
  const named = values[option]?.split(',') ?? Object.keys(table);
  const unknown = named.find((name) => !isKnown(name));
  if (unknown !== undefined)
    throw new Error(`--${option} names "${unknown}"; there are ${Object.keys(table).join(', ')}.`);
  return named.filter(isKnown);
}

const { version, epoch } = versionOfCommit();
const scratch = mkdtempSync(join(tmpdir(), 'cordon-package-'));
const into = resolve(values.into);
const names: string[] = [];
mkdirSync(into, { recursive: true });
try {
  await buildConsole();
  for (const architecture of chosen('architectures', architectures)) {
    for (const name of chosen('only', products)) {
      const product = await products[name]({ architecture, version, scratch });
      const packaging = { architecture, version, epoch, into, scratch, compression: values.quick ? 0 : 6 };
      for (const format of chosen('formats', formats)) {
        const file = formats[format](product, packaging);
        names.push(basename(file));
        process.stdout.write(`${file}\n`);
      }
    }
  }
  writeSums(into);
  writeManifest(into, { version, names }, values.key);
  if (values.key === undefined) process.stdout.write('The manifest is not signed: give a key with --key.\n');
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
