/** The real program in a real process, over real TLS: pinning, exit codes, streams, and the Node version guard. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
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
    expect(await cordon(['agents', 'release', 'client01'], environment())).toMatchObject({ code: 0 });
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

  it.each([['doctor'], ['agents', 'list']])(
    'names a proxy that is not there, and its variable: %s',
    async (...args) => {
      const { out, err } = await cordon(args, { ...environment(), HTTPS_PROXY: 'http://127.0.0.1:1' });
      const { host } = new URL(stub.url);
      expect(out + err).toContain(
        `Nothing listens at the proxy 127.0.0.1:1. Connections to ${host} go through that proxy.`,
      );
      expect(out + err).toContain('HTTPS_PROXY sets this proxy');
    },
  );

  it('reports a proxy variable that holds no proxy, and does not repeat it', async () => {
    const { code, err } = await cordon(['agents', 'list'], { ...environment(), https_proxy: 'socks5://me:secret@h:1' });
    expect({ code, err }).toEqual({
      code: 2,
      err: 'cordon: https_proxy is not the URL of a proxy.\nWrite it like http://proxy.example:3128.\n',
    });
  });

  it('reads a file to upload no further after Ctrl-C', { timeout: 180_000 }, async () => {
    await writeFile(join(folder, 'large.bin'), '');
    await truncate(join(folder, 'large.bin'), 4 * 1024 ** 3);
    const child = started(['objects', 'add-file', 'large.bin', '--action', 'log']);
    let shown = '';
    child.stderr.on('data', (chunk: Buffer) => {
      if (shown === '') child.kill('SIGINT');
      shown += chunk.toString();
    });
    expect(await once(child, 'close')).toEqual([130, null]);
    expect(shown).toContain('Reading 0 %');
    expect(shown).not.toContain('Reading 100 %');
    expect(stub.seen).toEqual([]);
  });

  it.each([['agents', 'list', '--watch', '--json'], ['manual']])(
    'ends quietly with 141 when nobody reads on: %s %s',
    { timeout: 180_000 },
    async (...args) => {
      const child = started(args);
      const errors = textOf(child.stderr);
      child.stdout.destroy();
      // A watcher prints again only after a change.
      const turning = setInterval(() => turn(stub), 50);
      expect(await once(child, 'exit').finally(() => clearInterval(turning))).toEqual([141, null]);
      expect(await errors).toBe('');
    },
  );

  it('says that its output cannot be written, and ends with 1', async () => {
    const full = await open('/dev/full', 'w');
    const child = spawn(process.execPath, [program, 'explain', '-103'], {
      stdio: ['ignore', full.fd, 'pipe'],
      env: {},
    });
    const errors = textOf(child.stderr ?? Readable.from([]));
    expect(await once(child, 'exit')).toEqual([1, null]);
    await full.close();
    expect(await errors).toMatch(
      /^cordon: Standard output cannot be written: there is no space left\.\nThe output is incomplete/,
    );
  });

  it.each([
    ['a folder of files that is a file', { XDG_CONFIG_HOME: program }, 'a part of its path is a file'],
    ['an authority that is not there', { CORDON_CA: '/nowhere/ca.pem' }, 'CORDON_CA'],
  ])('reports %s as a fault of the settings, with 2', async (_what, env, said) => {
    const { code, err } = await cordon(['agents', 'list'], { ...environment(), CORDON_FINGERPRINT: '', ...env });
    expect(code).toBe(2);
    expect(err).toContain(said);
    expect(err).not.toContain('fault of cordon');
  });

  it.each(['/proc/nope', program])('does not keep a connection where no folder can be made: %s', async (config) => {
    const args = ['login', '--url', stub.url, '--application-id', stub.applicationId, '--fingerprint'];
    const env = { CORDON_API_KEY: stub.apiKey, XDG_CONFIG_HOME: config };
    const { code, err } = await cordon([...args, stub.fingerprint], env);
    expect(code).toBe(2);
    expect(err).toMatch(/^cordon: The connection/);
    expect(err).toContain('XDG_CONFIG_HOME');
  });

  it('logs in on first use without a terminal only with --yes', async () => {
    const args = ['login', '--url', stub.url, '--application-id', stub.applicationId, '--first-use'];
    const key = { CORDON_API_KEY: stub.apiKey };
    expect(await cordon(args, key)).toMatchObject({ code: 2 });
    expect(await cordon([...args, '--yes'], key)).toMatchObject({ code: 0 });
    expect(await cordon(['agents', 'list'])).toMatchObject({ code: 0, err: '' });
  });
});

function started(args: string[]): ChildProcessWithoutNullStreams {
  const env = { PATH: process.env['PATH'], XDG_CONFIG_HOME: folder, ...environment() };
  return spawn(process.execPath, [program, ...args], { cwd: folder, env });
}

function turn({ agents: [agent] }: Stub): void {
  if (agent !== undefined) agent.isolation_status = agent.isolation_status === 'normal' ? 'isolated' : 'normal';
}
