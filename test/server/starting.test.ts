/** The program itself: a failed start says what is wrong and what to do, and passwords have their full cost. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';

const main = fileURLToPath(new URL('../../packages/server/src/main.ts', import.meta.url));

let folder: string;
let taken: Server;
let port: number;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-starting-'));
  taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a listening TCP server has one
  ({ port } = taken.address() as AddressInfo);
});
afterEach(async () => {
  taken.close();
  await rm(folder, { recursive: true });
});

function environmentWith(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { NODE_COMPILE_CACHE } = process.env;
  return { NODE_COMPILE_CACHE, CORDON_DATA: folder, CORDON_LISTEN: '127.0.0.1:0', ...settings };
}

/** The real program, with a port of its own unless the test gives one; its exit code and output. */
async function start(environment: Readonly<Record<string, string>>): Promise<{ code: unknown; printed: string }> {
  const env = environmentWith(environment);
  return new Promise((resolve) => {
    execFile(process.execPath, [main], { env, timeout: 100_000 }, (error, _out, printed) => {
      resolve({ code: error?.code, printed });
    });
  });
}

describe('a server that cannot start', { timeout: 300_000 }, () => {
  it.each([
    ['CORDON_LISTEN', 'nowhere', 'it must be host:port'],
    ['CORDON_LOG', 'loud', 'it must be one of trace, debug, info, warn, error, fatal, silent'],
    ['CORDON_MASTER_KEY', 'c2hvcnQ=', 'CORDON_MASTER_KEY holds 5 bytes; a master key is 32 bytes in base64.'],
    ['CORDON_UPLOAD_LIMIT', '0', 'it must be a whole number from 1 to'],
    ['CORDON_DETECTION_DAYS', '0', 'it must be a whole number from 1 to 36500.'],
    ['CORDON_DATA', '/proc/nope', 'there is no such file or folder'],
    ['CORDON_DATA', main, 'it is a file, not a folder'],
    ['CORDON_DATABASE', 'postgres://me:hidden-word@127.0.0.1:1/cordon', 'nothing listens there'],
    ['CORDON_DATABASE', '/nowhere/cordon.sqlite', 'cannot be opened'],
  ])('says so of %s=%s, without a stack', async (variable, value, said) => {
    const { code, printed } = await start({ [variable]: value });
    expect(code).toBe(1);
    expect(printed).toMatch(/^cordon-server: /);
    expect(printed).toContain(variable);
    expect(printed).toContain(said);
    expect(printed).not.toMatch(/^ +at |hidden-word/m);
  });

  it.each(['CORDON_LISTEN', 'CORDON_GATEWAY_LISTEN', 'CORDON_CONSOLE_LISTEN'])(
    'says so of a port of %s that is in use',
    async (variable) => {
      const address = `127.0.0.1:${port}`;
      expect(await start({ [variable]: address })).toEqual({
        code: 1,
        printed:
          `cordon-server: The server cannot listen at ${address} (${variable}): another program listens there already.\n` +
          `Stop what listens there, or give ${variable} another address.\n`,
      });
    },
  );

  it('says so of a certificate and a key that are not a pair', async () => {
    const files = { CORDON_TLS_CERT: main, CORDON_TLS_KEY: main };
    const { code, printed } = await start(files);
    expect(code).toBe(1);
    expect(printed).toContain('(CORDON_TLS_CERT) with the key');
    expect(printed).not.toMatch(/^ +at /m);
  });
});

describe('the server of the published program', { timeout: 300_000 }, () => {
  it('hashes passwords at the full cost', async () => {
    const env = environmentWith({});
    const server = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void server.kill('SIGKILL'));
    const ended = once(server, 'exit');
    for await (const line of createInterface({ input: server.stdout })) if (line.includes('"listening"')) break;
    server.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    const database = new DatabaseSync(join(folder, 'cordon.sqlite'), { readOnly: true });
    const hashes = database.prepare('select user_name, password_hash from accounts').all();
    database.close();
    expect(hashes).toEqual([{ user_name: 'admin', password_hash: expect.stringMatching(/^scrypt\$32768\$8\$1\$/) }]);
  });
});
