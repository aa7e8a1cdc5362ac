/** The published packages install, run on the Nodes they name, and do the guides' tasks; documented examples compile and run. */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pack } from '../../tools/pack.ts';
import { startStub } from '../cli/stub-server.ts';
import type { Stub } from '../cli/stub-server.ts';
import { olderNode } from './older-node.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

let folder: string;
let stub: Stub;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-packed-'));
  stub = await startStub();
  const tarballs = await pack(pathToFileURL(`${folder}/packed/`));
  for (const tarball of tarballs) install(tarball);
  // Their dependencies are already in the repository.
  for (const name of ['typebox', 'commander', 'proxy-from-env', 'https-proxy-agent', 'agent-base']) link(name);
}, 600_000);
afterAll(async () => {
  await stub.close();
  rmSync(folder, { recursive: true, force: true });
});

function install(tarball: string): void {
  const manifest = execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8' });
  const { name }: { name: string } = JSON.parse(manifest);
  const place = join(folder, 'node_modules', name);
  mkdirSync(place, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', place]);
}

function link(name: string): void {
  symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
}

describe('the published packages', () => {
  it.each(['protocol', 'sdk', 'cli'])('%s has no source, no test and nothing of the repository in it', (name) => {
    const place = join(folder, 'node_modules', '@cordon', name);
    expect(existsSync(join(place, 'LICENSE'))).toBe(true);
    expect(existsSync(join(place, 'src'))).toBe(false);
    const manifest = readFileSync(join(place, 'package.json'), 'utf8');
    expect(manifest).not.toContain('./src/');
    expect(JSON.parse(manifest)).not.toHaveProperty('private');
  });

  it('do the tasks of both guides on the oldest Node that they support', async () => {
    const script = join(folder, 'installed.mjs');
    cpSync(join(root, 'test/packing/installed.mjs'), script);
    const file = join(folder, 'sample.bin');
    writeFileSync(file, 'a sample');
    const { path, version } = olderNode();
    const env = { URL_: stub.url, ID: stub.applicationId, KEY: stub.apiKey, FINGERPRINT: stub.fingerprint, FILE: file };
    const { stdout } = await run(path, [script], { env, timeout: 60_000 });
    const sha1 = createHash('sha1').update('a sample').digest('hex').toUpperCase();
    expect(JSON.parse(stdout)).toEqual({
      node: version,
      isolated: 'reached',
      restored: 'reached',
      sha1,
      listed: true,
      wrong: 'refused',
    });
  });

  it('include the command', async () => {
    const command = join(folder, 'node_modules/@cordon/cli/bin/cordon.mjs');
    const env = {
      CORDON_URL: stub.url,
      CORDON_APPLICATION_ID: stub.applicationId,
      CORDON_API_KEY: stub.apiKey,
      CORDON_FINGERPRINT: stub.fingerprint,
      HOME: folder,
    };
    const { stdout } = await run(process.execPath, [command, 'agents', 'list', '--json'], { env, timeout: 60_000 });
    expect(JSON.parse(stdout)).toMatchObject([{ hostName: 'client01' }, {}, {}]);
  });
});

describe('the examples of the SDK', () => {
  const pages = [
    'packages/sdk/README.md',
    'packages/cli/README.md',
    'docs/clients/from-python.md',
    'docs/clients/soar.md',
  ];
  const examples = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(
      (match, at) => [page, at + 1, match[1] ?? ''] as const,
    ),
  );

  it('compile as pasted, in strict TypeScript', { timeout: 300_000 }, async () => {
    const scripts = examples.map(([page, number, example]) => written(page, number, example));
    const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--noImplicitOverride'];
    const modern = ['--module', 'nodenext', '--target', 'es2024', '--lib', 'es2024,dom', '--noEmit'];
    const types = ['--types', 'node', '--typeRoots', join(root, 'node_modules/@types')];
    const args = [join(root, 'node_modules/.bin/tsc'), ...strict, ...modern, ...types, ...scripts];
    const problems = await run(process.execPath, args, { cwd: folder }).then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
    expect(problems).toBe('');
  });

  it.each(examples)('in %s, number %i, run', async (page, number, example) => {
    const script = written(page, number, example);
    writeFileSync(join(folder, 'sample.bin'), 'a sample');
    const env = {
      CORDON_URL: stub.url,
      CORDON_APPLICATION_ID: stub.applicationId,
      CORDON_API_KEY: stub.apiKey,
      CORDON_FINGERPRINT: stub.fingerprint,
    };
    const before = stub.seen.length;
    await run(process.execPath, [script], { env, cwd: folder, timeout: 60_000 });
    expect(stub.seen.length).toBeGreaterThan(before);
  });
});

/** The example as a file, for this test's server. */
function written(page: string, number: number, example: string): string {
  const script = join(folder, `example-${page.replaceAll('/', '-')}-${number}.mts`);
  const setting = example.startsWith('import') ? '' : prelude;
  writeFileSync(script, `${setting}${example.replaceAll('https://cordon.example:8443', stub.url)}`);
  return script;
}

/** What a later example relies on. */
const prelude = `
import { Client, ConsoleClient, settle } from '@cordon/sdk';
import { fileAt, pinnedTransport } from '@cordon/sdk/node';
const url = process.env['CORDON_URL'] ?? '';
const password = 'correct horse';
const transport = pinnedTransport({ fingerprint: process.env['CORDON_FINGERPRINT'] ?? '' });
const client = new Client({
  url,
  applicationId: process.env['CORDON_APPLICATION_ID'] ?? '',
  apiKey: process.env['CORDON_API_KEY'] ?? '',
  transport,
});
void settle;
void fileAt;
void ConsoleClient;
`;
