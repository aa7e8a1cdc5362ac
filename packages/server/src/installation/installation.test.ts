/** What is offered for installation: only what the release lists, by a script that any POSIX shell reads. */
import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../../test/harness/eventually.ts';
import { ownCertificate, ownFiles } from '../certificate/own-certificate.ts';
import { makeHttp } from '../http/server.ts';
import { ServerCertificate } from '../secrets/server-certificate.ts';
import { installLine, installScript } from './install-script.ts';
import type { InstallScriptFacts } from './install-script.ts';
import { Packages } from './packages.ts';
import { installationRoutes } from './routes.ts';

const digest = (content: string): string => createHash('sha256').update(content).digest('hex');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-offered-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function offer(...files: readonly [name: string, content: string][]): void {
  for (const [name, content] of files) writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, 'SHA256SUMS'), files.map(([name, content]) => `${digest(content)}  ${name}\n`).join(''));
}

describe('the packages', () => {
  it('are those that SHA256SUMS lists', async () => {
    offer(['cordon-agent_1_amd64.deb', 'package']);
    writeFileSync(join(folder, 'notes.txt'), 'private');
    const packages = new Packages(folder);
    expect(await packages.list()).toEqual([{ name: 'cordon-agent_1_amd64.deb', digest: digest('package') }]);
    const opened = await packages.open('cordon-agent_1_amd64.deb');
    expect(opened?.bytes).toBe(7);
    expect(opened && (await text(opened.content))).toBe('package');
    for (const name of ['notes.txt', '../etc/passwd', 'SHA256SUMS', ''])
      expect(await packages.open(name)).toBeUndefined();
  });

  it('are none without a folder or a list, and one that has gone is not there', async () => {
    expect(await new Packages(join(folder, 'nowhere')).list()).toEqual([]);
    expect(await new Packages(folder).list()).toEqual([]);
    offer(['cordon-agent_1_amd64.deb', 'package']);
    rmSync(join(folder, 'cordon-agent_1_amd64.deb'));
    expect(await new Packages(folder).open('cordon-agent_1_amd64.deb')).toBeUndefined();
  });

  it.each([
    ['a path', `${'0'.repeat(64)}  ../../etc/shadow`],
    ['a name that starts with a dot', `${'0'.repeat(64)}  .hidden`],
    ['no digest', 'cordon-agent_1_amd64.deb'],
  ])('are refused as a whole when a line is %s', async (_name, line) => {
    writeFileSync(join(folder, 'SHA256SUMS'), `${line}\n`);
    await expect(new Packages(folder).list()).rejects.toThrow(/has a line that is no digest and name/);
  });
});

describe('the script', () => {
  const facts = { gateways: [{ host: '2001:db8::1', port: 8443 }], publicKeyPins: ['abc='] };

  it.each(['sh', 'bash'])('is one that %s reads', (shell) => {
    expect(spawnSync(shell, ['-n'], { input: installScript(facts) }).status).toBe(0);
  });

  it('is called by one line, which trusts the public key of the server and nothing else', () => {
    expect(installLine(facts, 'cordon1.abc')).toBe(
      `script=$(curl --pinnedpubkey 'sha256//abc=' -kfsS https://[2001:db8::1]:8443/install.sh) && printf %s cordon1.abc | sh -c "$script" sh -`,
    );
  });

  it('fails when it cannot be downloaded', () => {
    const line = installLine({ ...facts, gateways: [{ host: '127.0.0.1', port: 1 }] }, 'cordon1.abc');
    expect(spawnSync('sh', ['-c', line]).status).not.toBe(0);
  });

  it('has a host of any name, and the pin, in their places', () => {
    const script = installScript({ ...facts, gateways: [{ host: 'PINS-SERVERS', port: 1 }] });
    expect(script).toContain("servers='https://PINS-SERVERS:1'\n");
    expect(script).toContain("pins='sha256//abc='\n");
  });

  it('does nothing when only a part of it arrives', () => {
    const whole = installScript(facts);
    const marker = join(folder, 'ran');
    mkdirSync(join(folder, 'bin'));
    for (const name of ['curl', 'id', 'mktemp', 'uname']) {
      writeFileSync(join(folder, 'bin', name), `#!/bin/sh\ntouch ${marker}\n`);
      chmodSync(join(folder, 'bin', name), 0o755);
    }
    for (const part of [0.3, 0.6, 0.9, 0.99]) {
      const env = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` };
      spawnSync('sh', ['-s', '--', 'cordon1.abc'], { input: whole.slice(0, whole.length * part), env });
      expect(existsSync(marker)).toBe(false);
    }
  });

  it('takes the token from standard input, and says when there is none', () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'id'), '#!/bin/sh\necho 0\n');
    chmodSync(join(bin, 'id'), 0o755);
    // Without a package it stops after the arguments: nothing is installed.
    const script = installScript({ gateways: [{ host: '127.0.0.1', port: 1 }], publicKeyPins: ['abc='] });
    const ran = (input: string): string =>
      spawnSync('sh', ['-c', script, 'sh', '-'], { input, env: { PATH: `${bin}:/usr/bin:/bin` }, encoding: 'utf8' })
        .stderr;
    expect(ran('')).toContain('there is no token on standard input.');
    expect(ran('cordon1.abc')).toContain('no server could be reached at: https://127.0.0.1:1');
  });

  it('stops when a package differs from its digest', () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const installed = join(folder, 'installed');
    const program = (name: string, body: string): void => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
      chmodSync(join(bin, name), 0o755);
    };
    program('id', 'echo 0');
    program('uname', 'echo x86_64');
    for (const name of ['dpkg', 'apt-get', 'rpm', 'dnf', 'cordon-agent', 'systemctl'])
      program(name, `touch ${installed}`);
    const listed = ['cordon-agent_1_amd64.deb', 'cordon-agent-1-1.x86_64.rpm', 'cordon-agent-1-linux-amd64.tar.xz'];
    const sums = listed.map((name) => `${digest('the package')}  ${name}`).join('\n');
    program(
      'curl',
      `while [ $# -gt 0 ]; do case $1 in --output) out=$2; shift ;; esac; url=$1; shift; done
case $url in */SHA256SUMS) printf '%s\\n' '${sums}' >"$out" ;; *) printf tampered >"$out" ;; esac`,
    );
    const ran = spawnSync('sh', ['-s', '--', 'cordon1.abc'], {
      input: installScript(facts),
      env: { PATH: `${bin}:/usr/bin:/bin` },
      encoding: 'utf8',
    });
    expect(ran.status).toBe(1);
    expect(ran.stderr).toMatch(/install\.sh: cordon-agent\S+ was damaged on its way\./);
    expect(existsSync(installed)).toBe(false);
  });
});

const nowhere = (): InstallScriptFacts => ({ gateways: [], publicKeyPins: [] });

describe('downloads', () => {
  const bytes = 64_000_000;

  it('of one address, and of all, have a limit; one that takes nothing loses its place', async () => {
    offer(['cordon-agent_1_amd64.deb', 'x'.repeat(bytes)]);
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const first = await ownCertificate(folder, ['127.0.0.1'], { key, now: Date.now() });
    const certificate = new ServerCertificate(first, {
      files: ownFiles(folder),
      trusted: () => [],
      log: () => undefined,
    });
    const app = makeHttp({ certificate, logLevel: 'silent', failed: () => undefined });
    const limits = { maxDownloads: 3, maxForSource: 2, stallTimeoutMs: 500 };
    installationRoutes(app, { packages: new Packages(folder), facts: nowhere }, limits);
    await app.listen({ host: '127.0.0.1', port: 0 });
    const port = Number(new URL(app.listeningOrigin).port);
    const sockets: TLSSocket[] = [];
    /** Asks from an address, and reads the first bytes of the answer only. */
    const statusFrom = async (localAddress: string): Promise<number> => {
      const socket = connect({
        socket: connectTcp({ host: '127.0.0.1', port, localAddress }),
        rejectUnauthorized: false,
      });
      sockets.push(socket);
      socket.on('error', () => undefined); // Expected to be cut off.
      socket.write('GET /packages/cordon-agent_1_amd64.deb HTTP/1.1\r\nHost: x\r\n\r\n');
      const [head] = await once(socket, 'data');
      socket.pause();
      return Number(String(head).split(' ')[1]);
    };
    const answers = [await statusFrom('127.0.0.1'), await statusFrom('127.0.0.1'), await statusFrom('127.0.0.1')];
    expect(answers).toEqual([200, 200, 503]);
    expect([await statusFrom('127.0.0.2'), await statusFrom('127.0.0.3')]).toEqual([200, 503]);
    await eventually('those that take nothing are gone', async () =>
      (await statusFrom('127.0.0.3')) === 200 ? true : undefined,
    );
    for (const socket of sockets) socket.destroy();
    await app.close();
  });
});
