/** The commands that make isolation safe, as users see them: transcripts compared with golden files. */
// oxlint-disable vitest/expect-expect -- expectGolden() holds the expectation of most tests here
import { cefOfAudit } from '@cordon/protocol/cef';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectGolden } from '../../../test/cli/golden.ts';
import { Harness } from '../../../test/cli/harness.ts';
import { auditLines, checkpoints, publicKey } from '../../../test/cli/stub-containment.ts';
import { refused } from '../../../test/cli/stub-server.ts';
import { duration } from './text/text.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
  await harness.login();
});
afterEach(async () => {
  await harness.stop();
});

/** The application alone, as with Apex Central. */
async function withoutConsole(): Promise<void> {
  await harness.run('logout');
  await harness.writeFirstRun({ admin: undefined });
  await harness.run('login --from first-run.json');
}

describe('an isolation with terms', () => {
  it('goes through the console, and says how it is to be', async () => {
    await expectGolden(harness, 'isolate-terms', [
      'agents isolate client01 --for 4h --profile forensics --message "Call the help desk." --reason "case 12"',
      'agents isolate client01 --reason "case 12" --json',
      'agents isolate --product SLF_PRODUCT_OFFICESCAN_CE --for 30m',
      'agents isolate host8 --for 30m',
      'agents isolate nobody --for 30m',
      'agents isolate client01 --for 5s',
      'agents isolate client01 --for ever',
      'agents release client01 --for 30m',
    ]);
    const sent = harness.stub.seen.find(({ url }) => url === '/api/v1/acts');
    expect(JSON.parse(sent?.body ?? '')).toEqual({
      act: 'isolate',
      selector: { hostName: 'client01' },
      allowMultiple: false,
      forSeconds: 14_400,
      profile: 'forensics',
      message: 'Call the help desk.',
      reason: 'case 12',
    });
  });

  it('waits for a second person where the guard holds it, and ends with exit code 7', async () => {
    await expectGolden(harness, 'isolate-held', [
      'agents isolate dc01 --for 4h --wait',
      'agents isolate dc01 --for 4h --json',
      'agents isolate --product SLF_PRODUCT_OFFICESCAN_CE --multiple --for 4h',
    ]);
  });

  it('is refused with a sentence where nobody is signed in to the console', async () => {
    await withoutConsole();
    await expectGolden(harness, 'isolate-terms-nobody', ['agents isolate client01 --for 4h']);
    expect(harness.stub.agents[0]?.isolation_status).toBe('normal');
  });

  it('is not what an isolation without terms is: that stays with the Automation API', async () => {
    harness.stub.seen.length = 0;
    await harness.run('agents isolate client01');
    expect(harness.stub.seen.map(({ url }) => url.startsWith('/WebApp/'))).toEqual([true, true]);
  });
});

describe('an application whose act the guard holds', () => {
  it('reads the sentence and what to do, and ends with exit code 4', async () => {
    const held = 'Nothing was changed. A second person can approve this: "cordon approvals approve 7".';
    const list = { status: 200, body: JSON.stringify({ result_code: 1, result_content: [{ host_name: 'dc01' }] }) };
    harness.stub.answers.push(list, refused(400, -103, `dc01 is protected. ${held}`));
    harness.stub.answers.push(list, refused(400, -102, `101 in the last hour. ${held}`));
    await expectGolden(harness, 'guard-refuses', ['agents isolate dc01', 'agents isolate dc01']);
  });
});

describe('--dry-run', () => {
  const lines = [
    'agents isolate client01 --dry-run',
    'agents isolate --product SLF_PRODUCT_OFFICESCAN_CE --multiple --dry-run',
    'agents isolate --product SLF_PRODUCT_OFFICESCAN_CE --dry-run',
    'agents release host8 --dry-run',
    'agents uninstall client01 --dry-run --json',
  ];

  it('shows what the server and its guard would do', async () => {
    harness.stub.seen.length = 0;
    await expectGolden(harness, 'dry-run-console', [...lines, 'agents isolate client01 --for 90m --dry-run']);
    expect(new Set(harness.stub.seen.map(({ url }) => url))).toEqual(new Set(['/api/v1/acts/preview']));
  });

  it('shows the local list where nobody is signed in to the console', async () => {
    await withoutConsole();
    harness.stub.seen.length = 0;
    await expectGolden(harness, 'dry-run-list', lines);
    expect(new Set(harness.stub.seen.map(({ method }) => method))).toEqual(new Set(['GET']));
  });
});

describe('what keeps isolation safe', () => {
  it('is decided on, set and shown', async () => {
    await expectGolden(harness, 'approvals-guard', [
      'approvals list',
      'approvals list --all',
      'approvals approve 7',
      'approvals approve 6',
      'approvals approve 5',
      'approvals approve seven',
      'approvals approve 7,7',
      'approvals reject 7,5',
      'approvals reject 7',
      'guard show',
      'guard set',
      'guard set --share 50',
      'guard set --on --off',
      'guard set --per-application 50 --share 0.25 --share-above 0 --off',
      'guard set --per-application 100 --share 0.5 --share-above 20 --on --json',
    ]);
  });

  it('is what profiles leave open', async () => {
    await expectGolden(harness, 'isolation-profiles', [
      'profiles list',
      'profiles put forensics --allow "in tcp 192.0.2.0/24 22" --allow "OUT udp 2001:db8::/32 8000-8100" --dhcp',
      'profiles put forensics --allow "out tcp 198.51.100.7 *" --json',
      'profiles put forensics',
      'profiles put forensics --allow "tcp 192.0.2.0/24 22"',
      'profiles put forensics --allow "in tcp 192.0.2.0/24 9000-80"',
      'profiles remove forensics',
      'profiles remove nothing',
    ]);
  });

  it('is kept with the agents', async () => {
    await expectGolden(harness, 'agents-keeping', [
      'agents protect client01',
      'agents unprotect 492E8584-0114-694D-BF9D-44CC20141501',
      'agents protect nobody',
      'agents break-glass client01',
      'agents break-glass client01 --json',
      'agents forget client01',
      ['agents forget client01', { answers: ['no'] }],
      'agents forget client01 --yes',
    ]);
  });
});

describe('the audit', () => {
  it('is verified here, and its key is pinned', async () => {
    await expectGolden(harness, 'audit-verify', ['audit verify', 'audit verify', 'audit verify --json']);
    expect(JSON.parse(await harness.profiles()).profiles.default.audit).toMatchObject({ publicKey, id: 4 });
  });

  it('with another key than the pinned one is an alarm', async () => {
    await harness.run('audit verify');
    const other = publicKey.replace(/..==?$|..$/, (end) => (end.startsWith('A') ? 'BB' : 'AA') + end.slice(2));
    harness.stub.answers.push({ status: 200, body: JSON.stringify({ publicKey: other, checkpoints: [] }) });
    const { code, err } = await harness.run('audit verify');
    expect(code).toBe(1);
    expect(err).toMatch(/THE AUDIT KEY HAS CHANGED: [0-9a-f]{64} instead of the pinned [0-9a-f]{64}\./);
  });

  it.each([
    ['changed', () => auditLines.with(1, { ...lineAt(1), target: 'client02' }), 'Line 2 does not fit its hash'],
    ['removed', () => auditLines.toSpliced(1, 1), 'Line 1 is followed by line 3'],
    ['moved', () => [lineAt(1), lineAt(0)], 'Line 0 is followed by line 2'],
    ['cut off', () => auditLines.slice(0, 3), 'A checkpoint vouches for line 4, which is missing.'],
  ])('with a line that was %s fails and says which', async (_what, lines, message) => {
    answerWith(lines());
    const { code, err } = await harness.run('audit verify');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(`Audit verification failed. ${message}`) });
  });

  it('that ends before what was verified earlier fails, though it fits together', async () => {
    await harness.run('audit verify');
    const page = { status: 200, body: JSON.stringify({ lines: auditLines.slice(0, 2), next: null }) };
    harness.stub.answers.push({ status: 200, body: JSON.stringify({ publicKey, checkpoints: [] }) }, page);
    const { code, err } = await harness.run('audit verify');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('Line 4 was verified before') });
  });

  it('is exported for other systems', async () => {
    await expectGolden(harness, 'audit-export', [
      'audit export --after 1',
      'audit export --format cef',
      'audit export --format cef --after 4',
      'audit export --format xml',
    ]);
  });

  it('in CEF has one line a line, whatever strangers put into it', () => {
    const [, , hostile] = auditLines;
    if (hostile === undefined) throw new Error('There is no third line.');
    const line = cefOfAudit({ ...hostile, act: 'a|b\\c\nd', target: 'k=v\\n\r\n\u2028' }, '0.1.0');
    expect(line).toMatch(/^CEF:0\|Cordon\|Cordon\|0\.1\.0\|a\\\|b\\\\c d\|a\\\|b\\\\c d token-malformed\|6\|rt=\d+ /);
    expect(line).toContain(String.raw` cs1=k\=v\\n\r\n  outcome=`);
    // oxlint-disable-next-line no-control-regex -- these are what must not be in a line
    expect(line).not.toMatch(/[\u0000-\u001f\u2028]/);
  });
});

describe('a duration', () => {
  it.each([
    [0, '0 s'],
    [45_000, '45 s'],
    [5_400_000, '1 h 30 min'],
    [14_400_000, '4 h'],
    [90_000_000, '1 d 1 h'],
    [86_460_000, '1 d'],
  ])('of %d ms is %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});

function lineAt(index: number): (typeof auditLines)[number] {
  const line = auditLines[index];
  if (line === undefined) throw new Error(`There is no line at ${index}.`);
  return line;
}

/** The next verification reads the true checkpoints, and these lines. */
function answerWith(lines: readonly unknown[]): void {
  harness.stub.answers.push(
    { status: 200, body: JSON.stringify({ publicKey, checkpoints }) },
    { status: 200, body: JSON.stringify({ lines, next: null }) },
  );
}
