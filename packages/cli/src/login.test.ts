/** Login, logout, saved connections, and the environment instead of them. */
// oxlint-disable vitest/expect-expect -- expectGolden() holds the expectation of most tests here
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectGolden } from '../../../test/cli/golden.ts';
import { Harness } from '../../../test/cli/harness.ts';
import { admin } from '../../../test/cli/stub-console.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(async () => {
  await harness.stop();
});

describe('login', () => {
  it('from the file of a new server sets up both credentials in one go', async () => {
    await harness.writeFirstRun();
    await expectGolden(harness, 'login-from', [
      'login --from first-run.json',
      'login --from first-run.json --json',
      'agents list',
      'apps list',
    ]);
    expect(await harness.mode(harness.profilesPath)).toBe('600');
    expect(await harness.mode(join(harness.folder, 'config', 'cordon'))).toBe('700');
  });

  it('from a server on its own sets up the console session, and says how to go on', async () => {
    await harness.writeFirstRun({ applicationId: undefined, apiKey: undefined, practiceAgent: undefined });
    await expectGolden(harness, 'login-admin', ['login --from first-run.json', 'agents list', 'apps list']);
  });

  it('keeps nothing when the server refuses, and says why', async () => {
    await harness.writeFirstRun({ apiKey: 'wrong' });
    await expectGolden(harness, 'login-refused', ['login --from first-run.json', 'agents list']);
    await expect(harness.profiles()).rejects.toThrow('ENOENT');
  });

  it('takes key and password from standard input, and keeps what an earlier login set up', async () => {
    const { url, fingerprint, applicationId, apiKey } = harness.stub;
    const trusted = `--url ${url} --fingerprint ${fingerprint}`;
    const first = await harness.run(`login ${trusted} --application-id ${applicationId} --api-key-stdin`, {
      stdin: `${apiKey}\n`,
    });
    expect(first).toMatchObject({ code: 0, err: '' });
    const second = await harness.run(`login --admin ${admin.user} --password-stdin`, { stdin: `${admin.password}\n` });
    expect(second).toMatchObject({ code: 0, err: '' });
    expect(await harness.run('agents list')).toMatchObject({ code: 0 });
    expect(await harness.run('apps list')).toMatchObject({ code: 0 });
  });

  it('shows a certificate on first use, and trusts it only after a yes', async () => {
    const { url, applicationId, apiKey } = harness.stub;
    const line = `login --url ${url} --application-id ${applicationId} --first-use`;
    const env = { CORDON_API_KEY: apiKey };
    const no = await harness.run(line, { env, answers: ['no'] });
    expect(no.code).toBe(1);
    expect(no.err).toContain('<fingerprint>');
    expect(harness.stub.seen).toEqual([]);
    expect(await harness.run(line, { env })).toMatchObject({ code: 2 });
    expect(await harness.run(line, { env, answers: ['yes'] })).toMatchObject({ code: 0 });
    expect(await harness.run('agents list')).toMatchObject({ code: 0 });
  });

  it('asks for everything at a terminal, and never shows the key', async () => {
    const { url, applicationId, apiKey, certificate } = harness.stub;
    await writeFile(join(harness.folder, 'ca.pem'), certificate);
    const ran = await harness.run('login --ca ca.pem', { answers: [url, applicationId, apiKey] });
    expect(ran.code).toBe(0);
    expect(ran.out + ran.err).not.toContain(apiKey);
  });

  it('says what is missing, what is wrong and what to do', async () => {
    await writeFile(join(harness.folder, 'other.json'), '{"url":1}');
    await expectGolden(harness, 'login-wrong', [
      'login',
      'login --url cordon.test --application-id A',
      ['login --url cordon.test --application-id A', { env: { CORDON_API_KEY: 'k' } }],
      ['login --url https://cordon.test --application-id A --fingerprint 12', { env: { CORDON_API_KEY: 'k' } }],
      [
        'login --url https://cordon.test --application-id A --fingerprint 12 --first-use',
        { env: { CORDON_API_KEY: 'k' } },
      ],
      ['login --url https://cordon.test --application-id A --ca other.json', { env: { CORDON_API_KEY: 'k' } }],
      'login --from missing.json',
      'login --from other.json',
    ]);
  });

  it('is undone by logout', async () => {
    await harness.login();
    await expectGolden(harness, 'logout', ['logout', 'logout', 'agents list']);
    expect(harness.stub.seen.at(-1)).toMatchObject({ method: 'DELETE', url: '/api/v1/session' });
  });
});

describe('connections', () => {
  it('stand beside one another, and the last login is current', async () => {
    await harness.login();
    await harness.run('login --from first-run.json --connection lab');
    expect(JSON.parse(await harness.profiles())).toMatchObject({ current: 'lab', profiles: { default: {}, lab: {} } });
    await expectGolden(harness, 'connections', [
      'servers list --connection nowhere',
      ['servers list', { env: { CORDON_CONNECTION: 'nowhere' } }],
      // The older name of the variable.
    ]);
  });

  it('are not needed where the environment says everything', async () => {
    const { url, fingerprint, applicationId, apiKey } = harness.stub;
    const env = {
      CORDON_URL: url,
      CORDON_FINGERPRINT: fingerprint,
      CORDON_APPLICATION_ID: applicationId,
      CORDON_API_KEY: apiKey,
    };
    expect(await harness.run('agents list', { env })).toMatchObject({ code: 0, err: '' });
  });

  it('give neither key nor session nor trust to another server', async () => {
    await harness.login();
    const env = { CORDON_URL: 'https://127.0.0.1:9' };
    expect((await harness.run('agents list', { env })).err).toContain('There is no application ID and API key');
    expect((await harness.run('apps list', { env })).err).toContain('This needs a console sign-in');
  });
});
