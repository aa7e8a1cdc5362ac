/** Accounts on the command line, against a real server: created, limited, signed in, with a second factor. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeAt, stepAt } from '../../packages/server/src/sign-in/totp.ts';
import type { Harness, Ran, Served, Setting } from './harness.ts';
import { RealServer } from './real-server.ts';

const chosen = 'correct horse battery';
let real: RealServer;
let harness: Harness<Served>;

beforeEach(async () => {
  real = await RealServer.start();
  ({ harness } = real);
});
afterEach(() => real.stop());

async function cordon(line: string, setting: Setting = {}): Promise<Ran> {
  const ran = await harness.run(line, setting);
  if (ran.code !== 0) throw new Error(`cordon ${line} ended with ${ran.code}:\n${ran.err}`);
  return ran;
}

/** As the first Administrator; otherwise the last person to sign in is used. */
function asAdmin(line: string, setting: Setting = {}): Promise<Ran> {
  return cordon(`${line} --connection default`, setting);
}

/** Signs in under a connection named after the user. */
function signIn(user: string, password: string, more: Setting & { code?: string } = {}): Promise<Ran> {
  const { url, fingerprint } = harness.stub;
  const { code, ...setting } = more;
  const options = `--url ${url} --fingerprint ${fingerprint} --connection ${user} --admin ${user}`;
  const given = code === undefined ? '' : ` --code ${code}`;
  return harness.run(`login ${options} --password-stdin${given}`, { stdin: password, ...setting });
}

/** A team member who has chosen a password. */
async function member(user: string, options: string): Promise<void> {
  const { out } = await asAdmin(`accounts add ${user} ${options} --json`);
  await signIn(user, JSON.parse(out).password);
  await cordon(`password --connection ${user} --password-stdin`, { stdin: `${JSON.parse(out).password}\n${chosen}\n` });
}

/** The code that an authenticator shows for the displayed secret. */
function codeOf(shown: string, ahead = 0): string {
  const text = /secret=([A-Z2-7]+)/.exec(shown)?.[1] ?? '';
  const bits = Array.from(text, (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const bytes = (bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2));
  return codeAt(Buffer.from(bytes), stepAt(Date.now()) + ahead);
}

describe('an Administrator', () => {
  it('adds an account, whose password is good for choosing another', async () => {
    const added = await cordon('accounts add Ada --role operator --folder "Workgroup/Paris"');
    expect(added.out).toMatch(/^User {6}ada\nRole {6}Operator, Workgroup\\Paris\nPassword {2}[\w]{20}\n/);
    const password = /Password {2}(\w+)/.exec(added.out)?.[1] ?? '';
    expect((await signIn('ada', password)).code).toBe(0);
    const early = await harness.run('commands list --connection ada');
    expect([early.code, early.err]).toEqual([4, expect.stringContaining('Choose your own first')]);
    const weak = await harness.run('password --connection ada', { answers: [password, 'short', 'short'] });
    expect([weak.code, weak.err]).toEqual([4, expect.stringContaining('it must have 12')]);
    const odd = await harness.run('password --connection ada', { answers: [password, chosen, `${chosen}!`] });
    expect([odd.code, odd.err]).toEqual([2, expect.stringContaining('two new passwords differ')]);
    await cordon('password --connection ada', { answers: [password, chosen, chosen] });
    await cordon('commands list --connection ada');
    const refused = await harness.run('apps list --connection ada');
    expect([refused.code, refused.err]).toEqual([
      4,
      expect.stringContaining('The role Operator may not read "applications"; Administrator may.'),
    ]);
  });

  it('changes, resets and removes it, and says what was done', async () => {
    await member('ada', '--role Operator --folder Paris');
    expect((await asAdmin('accounts list')).out).toMatch(/ada +Operator +enabled +no +\S.* +Paris\n/);
    expect((await asAdmin('accounts change ada --role viewer --all-folders')).out).toBe(
      'ada: Viewer, enabled, all folders.\n',
    );
    expect((await asAdmin('accounts change ada --disable')).out).toContain('disabled');
    expect((await signIn('ada', chosen)).err).toContain('This account is disabled.');
    await asAdmin('accounts change ada --enable');
    expect((await asAdmin('accounts reset-password ada --yes')).out).toContain('Password  ');
    expect((await asAdmin('accounts remove ada', { answers: ['yes'] })).out).toBe('Removed ada.\n');
    const gone = await harness.run('accounts remove ada --yes --connection default');
    expect([gone.code, gone.err]).toEqual([3, expect.stringContaining('There is no account ada.')]);
    const last = await harness.run('accounts change admin --role Operator --connection default');
    expect([last.code, last.err]).toEqual([4, expect.stringContaining('admin is the last enabled Administrator')]);
  });

  it.each([
    ['accounts add ada', 'The role is missing.'],
    ['accounts add ada --role King', '--role "King" is not valid.'],
    ['accounts change ada', 'No change was given.'],
    ['accounts change ada --enable --disable', 'An account cannot be enabled and disabled.'],
    ['accounts change ada --folder x --all-folders', '--folder and --all-folders cannot be combined.'],
    ['accounts require-totp', 'Set which roles require a second factor.'],
    ['password', 'The passwords are missing.'],
    ['totp enable', 'Interactive only.'],
  ])('"%s" says what is missing', async (line, message) => {
    const ran = await harness.run(line);
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('a second factor', () => {
  it('is set up, asked for, and taken away', async () => {
    await member('ada', '--role Operator');
    await asAdmin('accounts require-totp --role Operator');
    expect((await harness.run('commands list --connection ada')).err).toContain('requires a second factor');
    const enabled = await cordon('totp enable --connection ada', { answers: [chosen, (shown) => codeOf(shown)] });
    const codes = enabled.out.match(/^ {2}[a-z2-7-]{19}$/gm) ?? [];
    expect(codes).toHaveLength(10);
    // The renewed session is the saved one.
    await cordon('commands list --connection ada');
    const without = await signIn('ada', chosen);
    expect([without.code, without.err]).toEqual([2, expect.stringContaining('Add --code with its code.')]);
    expect((await signIn('ada', chosen, { answers: [(codes[0] ?? '').trim()] })).code).toBe(0);
    expect((await signIn('ada', chosen, { code: codeOf(enabled.err, 1) })).code).toBe(0);
    const duty = await harness.run('totp disable --connection ada', { answers: [chosen, (codes[1] ?? '').trim()] });
    expect([duty.code, duty.err]).toEqual([4, expect.stringContaining('requires a second factor')]);
    await asAdmin('accounts require-totp --none');
    await cordon('totp disable --connection ada', { answers: [chosen, (codes[1] ?? '').trim()] });
    expect((await signIn('ada', chosen)).code).toBe(0);
  });
});
