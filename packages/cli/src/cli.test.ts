/** The commands as users see them: transcripts against a strict server, compared with golden files. */
// oxlint-disable vitest/expect-expect -- expectGolden() holds the expectation of most tests here
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectGolden } from '../../../test/cli/golden.ts';
import { Harness } from '../../../test/cli/harness.ts';
import { admin } from '../../../test/cli/stub-console.ts';
import { meta, refused, result } from '../../../test/cli/stub-server.ts';

/** A moment between the stub's isolation and its deadline. */
const noon = Date.UTC(2026, 10, 22, 4, 30, 0);

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(async () => {
  await harness.stop();
});

describe('help', () => {
  it('names every group, and for each command its options and an example', async () => {
    const groups = [
      'login',
      'logout',
      'agents',
      'servers',
      'objects',
      'apps',
      'enrol-token',
      'commands',
      'approvals',
      'guard',
      'profiles',
      'audit',
    ];
    await expectGolden(harness, 'help', [
      '--version',
      '--help',
      ...groups.map((group) => `${group} --help`),
      'agents isolate --help',
      'profiles put --help',
      'audit export --help',
    ]);
  });

  it('is offered for what cannot be understood', async () => {
    await expectGolden(harness, 'misunderstood', [
      '',
      'agent list',
      'agents lst',
      'agents list --hostname x',
      'objects add ip',
      'audit bogus',
      'audit export --bogus',
      'servers list --profile lab',
    ]);
  });
});

describe('agents', () => {
  beforeEach(async () => harness.login());

  it('are listed in a table that fits', async () => {
    await expectGolden(harness, 'agents-list', [
      'agents list',
      ['agents list', { columns: 100, color: true }],
      ['agents list', { columns: 60 }],
      'agents list 8a1a84550462-40bc9afc-3770-16ac-cd6c',
      'agents list --mac 00:0c:29:9b:ab:65 --product SLF_PRODUCT_OFFICESCAN_CE',
      'agents list nobody',
      'agents list client01 --json',
      'agents list client01 --host-name client02',
    ]);
  });

  it('are isolated and released, and followed to the end', async () => {
    await expectGolden(harness, 'agents-isolate', [
      'agents isolate client01 --wait',
      'agents isolate client01',
      'agents release client01 --wait --timeout 20s',
      'agents isolate --ip 192.168.121.132 --wait --json',
    ]);
  });

  it('are followed on one live line at a terminal', async () => {
    const { out, code } = await harness.run('agents isolate client01 --wait', { columns: 80 });
    expect(code).toBe(0);
    expect(out).toContain('\r\u001b[Kclient01: isolating … waiting for isolated, 0.0 s');
    expect(out.endsWith('\r\u001b[K1 agent isolated after 0.0 s.\n')).toBe(true);
  });

  it('are touched several at once only when that is said', async () => {
    await expectGolden(harness, 'agents-several', [
      'agents isolate --product SLF_PRODUCT_OFFICESCAN_CE',
      'agents isolate --product SLF_PRODUCT_OFFICESCAN_CE --multiple --wait',
    ]);
  });

  it('that are not there, not able or not named end with a word about it', async () => {
    await expectGolden(harness, 'agents-nobody', [
      'agents isolate nobody',
      'agents isolate host8',
      'agents isolate host8 --json',
      'agents isolate',
      'agents isolate client01 --timeout soon',
      'agents relocate client01',
    ]);
  });

  it('that do not arrive in time end with exit code 6', async () => {
    harness.stub.looksPending = 1000;
    await expectGolden(harness, 'agents-late', ['agents isolate client01 --wait --timeout 1s']);
  });

  it('are uninstalled after a yes only', async () => {
    await expectGolden(harness, 'agents-uninstall', [
      'agents uninstall client01',
      ['agents uninstall client01', { answers: ['n'] }],
      ['agents uninstall client01 --wait', { answers: ['yes'] }],
      'agents uninstall OSCECLIENT --yes --wait',
      'agents list',
    ]);
  });

  it('are relocated and shown', async () => {
    await expectGolden(harness, 'agents-others', [
      'agents relocate client01 --to-folder \\Lab',
      ['agents show client01', { now: noon }],
      ['agents show 492E8584-0114-694D-BF9D-44CC20141501', { now: noon }],
      'agents show client01 --json',
      'agents show nobody',
      'agents show 00000000-0000-0000-0000-000000000000',
    ]);
  });

  it('whose names attack the terminal are shown without their controls', async () => {
    const hostile = {
      entity_id: 'E',
      host_name: '\u001b]0;pwned\u0007\u009b31m\u202Eevil\r\n',
      isolation_status: '\u001b[2J',
    };
    harness.stub.answers.push(result([hostile]), result([hostile]));
    const [text, json] = [await harness.run('agents list'), await harness.run('agents list --json')];
    // oxlint-disable-next-line no-control-regex -- these are what must not be printed
    const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;
    expect(text.out).not.toMatch(controls);
    expect(json.out).not.toMatch(controls);
    expect(JSON.parse(json.out)).toMatchObject([{ hostName: hostile.host_name }]);
  });
});

describe('servers and suspicious objects', () => {
  beforeEach(async () => harness.login());

  it('are listed, added and removed', async () => {
    await expectGolden(harness, 'objects', [
      'servers list',
      'objects list',
      ['objects list', { columns: 70 }],
      'objects add url http://bad.example/a --action BLOCK --notes "case 1234" --expires 2027-01-31',
      'objects list --type url --json',
      'objects remove url http://bad.example/a',
      'objects remove url http://bad.example/a',
      'objects list --filter nothing',
    ]);
  });

  it('are uploaded as files', async () => {
    await writeFile(join(harness.folder, 'VerySmallFile.txt'), '123123');
    await expectGolden(harness, 'objects-file', [
      'objects add-file VerySmallFile.txt --action log --note "Small file for test"',
      'objects add-file VerySmallFile.txt --action log --json',
      'objects add-file missing.txt --action log',
      'objects add-file VerySmallFile.txt',
    ]);
  });

  it('are refused before anything is sent when they make no sense', async () => {
    harness.stub.seen.length = 0;
    await expectGolden(harness, 'objects-wrong', [
      'objects add hash abc --action log',
      'objects add file abc --action log',
      'objects add ip 192.0.2.1',
      'objects add ip 192.0.2.1 --action destroy',
      'objects add ip 192.0.2.1 --action log --expires tomorrow',
    ]);
    expect(harness.stub.seen).toEqual([]);
  });
});

describe('what only Cordon has', () => {
  it('is listed, made, changed and removed in a console session', async () => {
    await harness.login();
    await expectGolden(harness, 'console', [
      'apps list',
      'apps add playbooks --timeout 5m',
      'apps disable playbooks',
      'apps enable 11111111-2222-3333-4444-555555555555',
      'apps rotate playbooks --yes',
      'apps remove playbooks',
      ['apps remove playbooks', { answers: ['yes'] }],
      'apps remove nothing',
      'enrol-token --uses 20 --valid 24h',
      'enrol-token --uses many',
      'commands list --limit 5',
      'audit --after 1 --limit 1',
      'audit --limit 1 --json',
    ]);
  });

  it('says how to sign in where nobody is', async () => {
    await harness.writeFirstRun({ admin: undefined });
    await expectGolden(harness, 'console-nobody', ['login --from first-run.json', 'apps list', 'agents list client01']);
  });
});

describe('a failure', () => {
  beforeEach(async () => harness.login());

  it('has an exit code, a sentence and a hint, in text and in JSON', async () => {
    const html = { status: 502, body: '<html>Bad gateway</html>' };
    const busy = { status: 503, body: JSON.stringify({ Meta: { Result: 0, ErrorCode: 2, ErrorMsg: 'Busy.' } }) };
    harness.stub.answers.push(
      refused(401, -7, 'Wrong \u001b[31mkey\u001b[0m.'),
      refused(400, -21, 'No.'),
      // Three answers each, because failures that may pass are retried.
      html,
      html,
      html,
      busy,
      busy,
      busy,
      meta([]),
    );
    await expectGolden(harness, 'failures', [
      'agents list',
      'agents list --json',
      'agents list',
      'objects list',
      'objects list',
      ['agents list', { env: { CORDON_FINGERPRINT: '0'.repeat(64) } }],
    ]);
  });

  it('never repeats a secret', async () => {
    const { apiKey } = harness.stub;
    const all = await harness.transcript(['agents list', 'apps list', 'audit --json', 'login --json', 'agents bogus']);
    expect(all).not.toContain(apiKey);
    expect(all).not.toContain('session-token-of-the-stub');
    expect(all).not.toContain(admin.password);
  });
});
