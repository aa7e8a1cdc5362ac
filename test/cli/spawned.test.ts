/** The real program in a real process, over real TLS: pinning, exit codes, streams, and the Node version guard. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStub } from './stub-server.ts';
import type { Stub } from './stub-server.ts';

const program = fileURLToPath(new URL('../../packages/cli/bin/cordon.mjs', import.meta.url));

let stub: Stub;
let folder: string;
beforeEach(async () => {
  stub = await startStub();
  folder = await mkdtemp(join(tmpdir(), 'cordon-spawned-'));
});
afterEach(async () => {
  await stub.close();
  await rm(folder, { recursive: true });
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function cordon(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { PATH: process.env['PATH'], XDG_CONFIG_HOME: folder, ...env } };
    execFile(process.execPath, [program, ...args], options, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}

function environment(): Record<string, string> {
  return {
    CORDON_URL: stub.url,
    CORDON_FINGERPRINT: stub.fingerprint,
    CORDON_APPLICATION_ID: stub.applicationId,
    CORDON_API_KEY: stub.apiKey,
  };
}

describe('the program', () => {
  it('does the first guide: list, isolate and follow, restore', async () => {
    const listed = await cordon(['agents', 'list', '--json'], environment());
    expect(listed).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(listed.out)).toHaveLength(3);
    const isolated = await cordon(['agents', 'isolate', 'client01', '--wait'], environment());
    expect(isolated).toMatchObject({ code: 0, err: '' });
    expect(isolated.out).toMatch(/client01: isolated\n1 agent isolated after \d+\.\d+ s\.\n$/);
    expect(await cordon(['agents', 'restore', 'client01'], environment())).toMatchObject({ code: 0 });
  });

  it('does the second guide: upload a file and find it in the list', async () => {
    await writeFile(join(folder, 'VerySmallFile.txt'), '123123');
    const add = ['objects', 'add-file', 'VerySmallFile.txt', '--action', 'log', '--note', 'Small file for test'];
    expect(await cordon(add, environment())).toMatchObject({
      code: 0,
      out: 'Added VerySmallFile.txt with SHA-1 601F1889667EFAEBB33B8C12572835DA3F027F78: log.\n',
    });
    const listed = await cordon(['objects', 'list', '--type', 'file'], environment());
    expect(listed.out).toContain('601F1889667EFAEBB33B8C12572835DA3F027F78');
  });

  it('ends with 5 and sends nothing when the certificate is not the pinned one', async () => {
    const wrong = { ...environment(), CORDON_FINGERPRINT: 'ab'.repeat(32) };
    const { code, out, err } = await cordon(['agents', 'list'], wrong);
    expect({ code, out }).toEqual({ code: 5, out: '' });
    expect(err).toContain('shows another certificate than the pinned one');
    expect(stub.seen).toEqual([]);
  });

  it('does not trust a stranger, and says how to', async () => {
    const { code, err } = await cordon(['agents', 'list'], { ...environment(), CORDON_FINGERPRINT: '' });
    expect(code).toBe(5);
    expect(err).toContain('Run "cordon login" with --fingerprint');
  });

  it('keeps failures off standard output, as JSON where that was asked for', async () => {
    const { code, out, err } = await cordon(['agents', 'isolate', 'nobody', '--json'], environment());
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(JSON.parse(err)).toMatchObject({ error: { kind: 'nothing-matched', exitCode: 3 } });
  });

  it('ends with 130 on Ctrl-C while it follows an agent', async () => {
    stub.looksPending = 1_000_000;
    const child = spawn(process.execPath, [program, 'agents', 'isolate', 'client01', '--wait'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], XDG_CONFIG_HOME: folder, ...environment() },
    });
    child.stdout.on('data', (chunk: Buffer) => {
      if (chunk.includes('isolating')) child.kill('SIGINT');
    });
    expect(await once(child, 'exit')).toEqual([130, null]);
  });

  it('logs in on first use without a terminal only with --yes', async () => {
    const args = ['login', '--url', stub.url, '--application-id', stub.applicationId, '--first-use'];
    const key = { CORDON_API_KEY: stub.apiKey };
    expect(await cordon(args, key)).toMatchObject({ code: 2 });
    expect(await cordon([...args, '--yes'], key)).toMatchObject({ code: 0 });
    expect(await cordon(['agents', 'list'])).toMatchObject({ code: 0, err: '' });
  });
});
