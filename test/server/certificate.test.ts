/** The server's certificate and its key change, and no agent is lost. */
import { execFile } from 'node:child_process';
import { X509Certificate, generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { publicKeyPinOf, readEnrolmentToken } from '@cordon/protocol/channel';
import { makeSelfSigned } from '../../packages/server/src/certificate/self-signed.ts';
import { eventually } from '../harness/eventually.ts';
import { startServer } from '../harness/server.ts';
import type { TestServer } from '../harness/server.ts';
import { FakeAgent, factsOf } from './fake-agent.ts';

const main = fileURLToPath(new URL('../../packages/server/bin/cordon-server.mjs', import.meta.url));
const validity = { notBefore: new Date('2026-01-01'), notAfter: new Date('2046-01-01') };

let folder: string;
const running: TestServer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-certificate-'));
});

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(data: string, environment: Record<string, string> = {}): Promise<TestServer> {
  const server = await startServer({ data, environment: { CORDON_ADVERTISE: '127.0.0.1:8443', ...environment } });
  running.push(server);
  return server;
}

async function stop(server: TestServer): Promise<void> {
  running.splice(running.indexOf(server), 1);
  await server.stop();
}

async function enrolled(server: TestServer, name = 'PC1'): Promise<FakeAgent> {
  const { token } = await (await server.console()).enrolment.addToken({});
  return FakeAgent.enrol(server, token, factsOf(name));
}

/** `cordon-server renew-certificate` with these arguments: what it prints, and its exit code. */
async function renew(
  data: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<{ code: number; text: string }> {
  const env = { ...process.env, CORDON_DATA: data, CORDON_ADVERTISE: '127.0.0.1:8443', ...environment };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [main, 'renew-certificate', ...args], { env });
    return { code: 0, text: stdout };
  } catch (error) {
    const { code, stderr } = Object(error);
    return { code: Number(code), text: String(stderr) };
  }
}

/** The certificate that a new connection is shown. */
async function shownBy(server: TestServer): Promise<X509Certificate> {
  const { promise, resolve, reject } = Promise.withResolvers<X509Certificate>();
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.url).port), rejectUnauthorized: false });
  socket.once('error', reject);
  socket.once('secureConnect', () => {
    const certificate = socket.getPeerX509Certificate();
    socket.destroy();
    if (certificate) resolve(certificate);
  });
  return promise;
}

/** An operator's certificate: the two files, and the settings that name them. */
function company(key: KeyObject, name = 'company'): { certificate: string; environment: Record<string, string> } {
  const made = makeSelfSigned(['localhost', '127.0.0.1'], validity, key);
  const files = { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  writeFileSync(files.key, made.key);
  writeFileSync(files.certificate, made.certificate);
  return {
    certificate: files.certificate,
    environment: { CORDON_TLS_CERT: files.certificate, CORDON_TLS_KEY: files.key },
  };
}

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

describe('the self-made certificate', () => {
  it('has its key again in a restored database: with the master key alone, the agents come back', async () => {
    const before = join(folder, 'before');
    const server = await start(before);
    const agent = await enrolled(server);
    await stop(server);
    const restored = join(folder, 'restored');
    mkdirSync(restored);
    for (const name of ['cordon.sqlite', 'master.key']) cpSync(join(before, name), join(restored, name));
    const again = await start(restored);
    expect(again.publicKeyPin).toBe(server.publicKeyPin);
    await agent.connect(again);
  });

  it('is made again for another name of the server, with the same key', async () => {
    const server = await start(folder);
    await stop(server);
    const again = await start(folder, { CORDON_ADVERTISE: '127.0.0.2:8443' });
    expect((await shownBy(again)).checkIP('127.0.0.2')).toBe('127.0.0.2');
    expect(again.publicKeyPin).toBe(server.publicKeyPin);
    await stop(again);
    expect((await start(folder, { CORDON_ADVERTISE: '127.0.0.2:8443' })).fingerprint).toBe(again.fingerprint);
  });

  it('is renewed by a command while the server runs', async () => {
    const server = await start(folder);
    expect(await renew(folder, [])).toMatchObject({ code: 0, text: expect.stringContaining('no agent notices') });
    const shown = await eventually('it shows the new one', async () => {
      const certificate = await shownBy(server);
      const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
      return fingerprint === server.fingerprint ? undefined : certificate;
    });
    expect(publicKeyPinOf(shown.publicKey)).toBe(server.publicKeyPin);
  });

  it('gets another key only once every agent has it, and the old one is forgotten by command', async () => {
    const server = await start(folder);
    const agent = await enrolled(server);
    await agent.connect(server);
    const first = await renew(folder, ['--new-key']);
    expect(first).toMatchObject({ code: 0, text: expect.stringContaining('0 of 1 agents have it; not yet: PC1') });
    expect(await renew(folder, ['--new-key'])).toMatchObject({
      code: 1,
      text: expect.stringContaining('Wait, and run this again.'),
    });
    const desired = await agent.obey();
    expect(desired.publicKeyPins).toEqual([server.publicKeyPin, expect.any(String)]);
    const second = await renew(folder, ['--new-key']);
    expect(second).toMatchObject({ code: 0, text: expect.stringContaining('1 of 1 agents have it.') });
    const next = desired.publicKeyPins[1] ?? '';
    await eventually('it shows the new key', async () =>
      publicKeyPinOf((await shownBy(server)).publicKey) === next ? true : undefined,
    );
    await agent.connect({ ...server, publicKeyPin: next });
    expect((await renew(folder, ['--forget-old'])).text).toContain('1 public keys are forgotten.');
    expect((await agent.obey()).publicKeyPins).toEqual([next]);
  });
});

describe('a certificate of the company', () => {
  it('is taken while the server runs, when it is renewed for the same key', async () => {
    const key = newKey();
    const { environment } = company(key);
    const server = await start(folder, environment);
    const agent = await enrolled(server);
    company(key);
    const renewed = await eventually('it shows the renewed one', async () => {
      const shown = await shownBy(server);
      return shown.fingerprint256.replaceAll(':', '').toLowerCase() === server.fingerprint ? undefined : shown;
    });
    expect(publicKeyPinOf(renewed.publicKey)).toBe(server.publicKeyPin);
    await agent.connect(server);
  });

  it('is not taken with a key that no agent trusts, and is once that is announced', async () => {
    const [old, key] = [newKey(), newKey()];
    const { environment } = company(old);
    const server = await start(folder, environment);
    const agent = await enrolled(server);
    await agent.connect(server);
    const next = company(key, 'next');
    const announced = await renew(folder, ['--announce', next.certificate], environment);
    expect(announced.text).toContain('0 of 1 agents have it; not yet: PC1');
    const desired = await agent.obey();
    const pin = publicKeyPinOf(new X509Certificate(readFileSync(next.certificate)).publicKey);
    expect(desired.publicKeyPins).toEqual([server.publicKeyPin, pin]);
    expect((await renew(folder, ['--announce', next.certificate], environment)).text).toContain(
      '1 of 1 agents have it.',
    );
    company(key);
    await eventually('it shows the new key', async () =>
      publicKeyPinOf((await shownBy(server)).publicKey) === pin ? true : undefined,
    );
    await agent.connect({ ...server, publicKeyPin: pin });
  });

  it('keeps its key when the old one is forgotten by a command that does not know of it', async () => {
    const before = await start(folder);
    const agent = await enrolled(before);
    await agent.connect(before);
    const { certificate, environment } = company(newKey());
    await renew(folder, ['--announce', certificate]);
    expect((await agent.obey()).publicKeyPins).toHaveLength(2);
    await stop(before);
    const server = await start(folder, environment);
    await agent.connect(server);
    expect((await renew(folder, ['--forget-old'])).text).toContain('1 public keys are forgotten.');
    expect((await agent.obey()).publicKeyPins).toEqual([server.publicKeyPin]);
  });

  it('with a key that no agent trusts stops the server from starting, with the reason, unless that is accepted', async () => {
    const server = await start(folder);
    await enrolled(server);
    await stop(server);
    const { environment } = company(newKey());
    const env = { ...process.env, CORDON_DATA: folder, CORDON_LISTEN: '127.0.0.1:0', ...environment };
    const failed = await promisify(execFile)(process.execPath, [main], { env }).catch((error: unknown) =>
      Object(error),
    );
    expect(failed.stderr).toContain('The agents would refuse this server: its certificate has the public key sha256//');
    expect(failed.stderr).toContain(`and the 1 enrolled agents trust sha256//${server.publicKeyPin} only.`);
    expect(failed.stderr).toContain('CORDON_TLS_UNKNOWN_KEY=accept');
    const accepted = await start(folder, { ...environment, CORDON_TLS_UNKNOWN_KEY: 'accept' });
    expect(accepted.publicKeyPin).not.toBe(server.publicKeyPin);
  });
});

describe('the command', () => {
  it.each([[['--bogus']], [['--force']], [['--announce']], [['--new-key', '--forget-old']], [['file.crt']]])(
    'explains itself when it is given %j, and changes nothing',
    async (args) => {
      const { code, text } = await renew(folder, args);
      expect([code, text]).toEqual([2, expect.stringContaining('cordon-server renew-certificate [--new-key')]);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('makes no server where a folder is mistyped', async () => {
    const { code, text } = await renew(join(folder, 'mistyped'), []);
    expect([code, text]).toEqual([1, expect.stringContaining('there is no master key')]);
    expect(existsSync(join(folder, 'mistyped'))).toBe(false);
  });

  it('says what to do when agents trust as many keys as they can', async () => {
    await start(folder);
    for (let count = 0; count < 7; count += 1)
      expect((await renew(folder, ['--announce', company(newKey(), `key${count}`).certificate])).code).toBe(0);
    const { code, text } = await renew(folder, ['--announce', company(newKey(), 'one-more').certificate]);
    expect([code, text]).toEqual([1, expect.stringContaining('Forget those that are no longer used')]);
    expect(text).not.toContain('bug');
  });
});

describe('an enrolment token', () => {
  it('trusts each announced key, so that an endpoint enrolled today is there after the change', async () => {
    const server = await start(folder);
    await renew(folder, ['--new-key']);
    const pins = await eventually('the token names both', async () => {
      const { token } = await (await server.console()).enrolment.addToken({});
      const { publicKeyPins } = readEnrolmentToken(token);
      return publicKeyPins.length > 1 ? publicKeyPins : undefined;
    });
    expect(pins).toEqual([server.publicKeyPin, expect.stringMatching(/^.{43}=$/)]);
  });
});
