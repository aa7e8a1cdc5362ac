/** Accounts on both databases: sign-in, throttling, one-time codes, and the last Administrator. */
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseKinds } from '../../../../test/harness/databases.ts';
import type { FreshDatabase } from '../../../../test/harness/databases.ts';
import { Audit } from '../audit/audit.ts';
import { openDatabase } from '../database/database.ts';
import type { Database } from '../database/database.ts';
import type { Person } from '../http/console.ts';
import { Sealer } from '../secrets/sealing.ts';
import { makeAccountModule } from '../sign-in/account-module.ts';
import type { AccountModule } from '../sign-in/account-module.ts';
import type { PasswordCost } from './passwords.ts';
import type { OpenedSession } from '../sign-in/sessions.ts';
import { codeAt, stepAt } from '../sign-in/totp.ts';

const start = Date.UTC(2026, 0, 1);
const second = 1000;
const minute = 60 * second;
/** Cheap: these tests are about sign-in. passwords.test.ts checks the production cost. */
const passwordCost: PasswordCost = { N: 16, r: 8, p: 1 };
const admin = { name: 'user:admin', source: '192.0.2.1', requestId: 'r' };
const wrongPassword = 'User or password is wrong.';

describe.each(databaseKinds())('accounts on $name', (kind) => {
  let fresh: FreshDatabase;
  let database: Database;
  let audit: Audit;
  let module: AccountModule;
  let now: number;

  beforeEach(async () => {
    fresh = await kind.make();
    database = await openDatabase(fresh.address);
    now = start;
    audit = new Audit(database, () => now);
    const sealer = new Sealer(Buffer.alloc(32, 1));
    const idle = { idleMilliseconds: 30 * minute, ended: () => {} };
    module = makeAccountModule({ database, audit, sealer, now: () => now, passwordCost, ...idle });
  });
  afterEach(async () => {
    await audit.close();
    await database.close();
    await fresh.remove();
  });

  /** Signs in from `source`, without a session. */
  function signIn(
    user: string,
    password: string,
    more: { code?: string; source?: string; kind?: Person['kind'] } = {},
  ): Promise<OpenedSession> {
    const { code, source = '192.0.2.1', kind: by = 'token' } = more;
    const given = code === undefined ? { user, password } : { user, password, code };
    return module.own.signIn({ name: 'stranger', source, requestId: 'r' }, given, by);
  }

  async function whoIs(opened: OpenedSession, by: Person['kind'] = 'token'): Promise<Person> {
    const person = await module.sessions.find(opened.token, by);
    if (person === undefined) throw new Error('The session is over.');
    return person;
  }

  /** An account that has chosen its own password. */
  async function member(
    user: string,
    role: 'Administrator' | 'Operator' | 'Viewer' = 'Operator',
  ): Promise<{ user: string; password: string }> {
    const made = await module.accounts.add(admin, { user, role });
    const person = await whoIs(await signIn(user, made.password));
    const password = 'correct horse battery';
    await module.own.changePassword({ ...admin, name: `user:${user}` }, person, { current: made.password, password });
    return { user, password };
  }

  /** The Administrator with a second factor: its secret and recovery codes. */
  async function withTotp(): Promise<{ user: string; password: string; secret: Buffer; codes: string[] }> {
    const { user, password } = await module.accounts.resetAdministrator();
    const person = await whoIs(await signIn(user, password));
    const { secret: text } = await module.own.beginTotp(admin, person, password);
    const secret = fromBase32(text);
    const { codes } = await module.own.confirmTotp(admin, person, codeAt(secret, stepAt(now)));
    now += 30 * second;
    return { user, password, secret, codes };
  }

  async function auditOf(act: string): Promise<string[]> {
    const lines = await audit.list(0, 1000);
    return lines.filter((line) => line.act === act).map((line) => `${line.actor} ${line.target} ${line.outcome}`);
  }

  describe('signing in', () => {
    it('begins with one Administrator, made once', async () => {
      expect((await module.accounts.firstAdministrator())?.user).toBe('admin');
      expect(await module.accounts.firstAdministrator()).toBeUndefined();
    });

    it('lasts twelve hours for a program, and not a moment longer', async () => {
      const { user, password } = await module.accounts.resetAdministrator();
      const opened = await signIn(user, password);
      now = start + 12 * 60 * minute - 1;
      expect(await whoIs(opened)).toMatchObject({ user: 'admin', role: 'Administrator', scope: [] });
      now += 1;
      expect(await module.sessions.find(opened.token, 'token')).toBeUndefined();
    });

    it('lasts in a browser while somebody does something, and for twelve hours at most', async () => {
      const { user, password } = await module.accounts.resetAdministrator();
      const [idle, busy, open] = [
        await signIn(user, password, { kind: 'browser' }),
        await signIn(user, password, { kind: 'browser' }),
        await signIn(user, password, { kind: 'browser' }),
      ];
      for (let minutes = 25; minutes < 12 * 60; minutes += 25) {
        now = start + minutes * minute;
        expect((await whoIs(busy, 'browser')).user).toBe('admin');
        // A page that is only left open sends requests by itself.
        const left = await module.sessions.find(open.token, 'browser', false);
        expect(left?.user).toBe(minutes === 25 ? 'admin' : undefined);
      }
      expect(await module.sessions.find(idle.token, 'browser')).toBeUndefined();
      now = start + 12 * 60 * minute;
      expect(await module.sessions.find(busy.token, 'browser')).toBeUndefined();
    });

    it('takes no cookie for a header, and no header for a cookie', async () => {
      const { user, password } = await module.accounts.resetAdministrator();
      const program = await signIn(user, password);
      const browser = await signIn(user, password, { kind: 'browser' });
      expect(await module.sessions.find(program.token, 'browser')).toBeUndefined();
      expect(await module.sessions.find(browser.token, 'token')).toBeUndefined();
    });

    it('keeps of a session nothing that could be used', async () => {
      const { user, password } = await module.accounts.resetAdministrator();
      const { token } = await signIn(user, password);
      const rows = await database.read.selectFrom('sessions').selectAll().execute();
      expect(rows.map((row) => row.token_hash)).toEqual([createHash('sha256').update(token).digest('hex')]);
      expect(JSON.stringify(rows)).not.toContain(token);
    });

    it('ends with a reset of the password, whatever was proved a moment before', async () => {
      const { user, password } = await module.accounts.resetAdministrator();
      const opened = await signIn(user, password);
      const [, tried] = await Promise.allSettled([module.accounts.resetAdministrator(), signIn(user, password)]);
      expect(await module.sessions.find(opened.token, 'token')).toBeUndefined();
      // It came before the reset or after it; either way it must leave nothing valid.
      const token = tried.status === 'fulfilled' ? tried.value.token : '';
      expect(await module.sessions.find(token, 'token')).toBeUndefined();
      await expect(signIn(user, password)).rejects.toThrow(wrongPassword);
    });

    it('is in the audit, done or refused, without the password', async () => {
      const { user, password } = await module.accounts.resetAdministrator();
      await signIn('Admin', password);
      await expect(signIn(user, 'swordfish')).rejects.toThrow(wrongPassword);
      await audit.close();
      expect(await auditOf('sign-in')).toEqual(['user:admin user:admin done', 'stranger user:admin refused']);
      expect(JSON.stringify(await audit.list(0, 100))).not.toContain('swordfish');
    });
  });

  describe('wrong tries', () => {
    it('make the next ones wait, twice as long each time, and are forgotten with a right one', async () => {
      const { user, password } = await module.accounts.resetAdministrator();
      const wrong = (): Promise<OpenedSession> => signIn(user, 'wrong');
      for (let attempts = 0; attempts < 5; attempts += 1) await expect(wrong()).rejects.toThrow(wrongPassword);
      await expect(wrong()).rejects.toMatchObject({ reason: 'locked', message: expect.stringContaining('in 1 s.') });
      now += second;
      await expect(wrong()).rejects.toThrow(wrongPassword);
      await expect(signIn(user, password)).rejects.toThrow('Try again in 2 s.');
      now += 2 * second;
      await signIn(user, password);
      await expect(wrong()).rejects.toThrow(wrongPassword);
      await signIn(user, password);
    });

    it('count all the same when they come at once', async () => {
      const { user } = await module.accounts.resetAdministrator();
      const outcomes: string[] = [];
      for (let rounds = 0; rounds < 4; rounds += 1) {
        const attempts = await Promise.allSettled(Array.from({ length: 4 }, () => signIn(user, 'wrong')));
        for (const one of attempts) outcomes.push(one.status === 'rejected' ? String(Object(one.reason).reason) : 'in');
      }
      expect(outcomes.filter((one) => one === 'sign-in-refused')).toHaveLength(5);
      expect(outcomes.filter((one) => one === 'locked')).toHaveLength(11);
    });

    it('of many addresses make an account wait for a minute at most, and its owner at the usual place not at all', async () => {
      const { user, password } = await module.accounts.resetAdministrator();
      await signIn(user, password, { source: '192.0.2.77' });
      let waited = 0;
      for (let address = 0; address < 40; address += 1) {
        const refusal = await signIn(user, 'wrong', { source: `198.51.100.${address}` }).catch(
          (error: unknown) => error,
        );
        const seconds = Number(/in (\d+) s/.exec(String(refusal))?.[1] ?? 0);
        waited = Math.max(waited, seconds);
        now += seconds * second;
      }
      expect(waited).toBe(60);
      await expect(signIn(user, 'wrong', { source: '203.0.113.1' })).rejects.toThrow(wrongPassword);
      await expect(signIn(user, password, { source: '203.0.113.2' })).rejects.toMatchObject({ reason: 'locked' });
      await signIn(user, password, { source: '192.0.2.77' });
    });

    it('from one address wait whichever names they try, and names that nobody has wait like any other', async () => {
      await module.accounts.resetAdministrator();
      for (let attempts = 0; attempts < 5; attempts += 1) {
        await expect(signIn(`nobody${attempts}`, 'wrong', { source: '2001:db8::1' })).rejects.toThrow(wrongPassword);
      }
      await expect(signIn('admin', 'wrong', { source: '2001:db8:0:0:9::2' })).rejects.toMatchObject({
        reason: 'locked',
      });
      await expect(signIn('admin', 'wrong', { source: '2001:db8:0:1::1' })).rejects.toThrow(wrongPassword);
      for (let attempts = 0; attempts < 5; attempts += 1) {
        await expect(signIn('ghost', 'wrong', { source: `198.51.100.${attempts}` })).rejects.toThrow(wrongPassword);
      }
      await expect(signIn('ghost', 'wrong', { source: '198.51.100.9' })).rejects.toMatchObject({ reason: 'locked' });
    });

    it('for the account of another are not forgiven by signing in with an account of one\u2019s own', async () => {
      const { user } = await module.accounts.resetAdministrator();
      const eve = await member('eve');
      for (let attempts = 0; attempts < 4; attempts += 1)
        await expect(signIn(user, 'wrong')).rejects.toThrow(wrongPassword);
      await signIn(eve.user, eve.password);
      await expect(signIn(user, 'wrong')).rejects.toThrow(wrongPassword);
      await expect(signIn(user, 'wrong')).rejects.toMatchObject({ reason: 'locked' });
    });

    it('of an address that must wait keep nobody else waiting', async () => {
      const { user, password } = await module.accounts.resetAdministrator();
      const source = '198.51.100.66';
      for (let attempts = 0; attempts < 5; attempts += 1)
        await expect(signIn('ghost', 'wrong', { source })).rejects.toThrow(wrongPassword);
      const flood = Array.from({ length: 100 }, () => signIn('ghost', 'wrong', { source }));
      const outcomes = await Promise.allSettled([...flood, signIn(user, password, { source: '192.0.2.5' })]);
      const reasons = outcomes.map((one) => (one.status === 'rejected' ? String(Object(one.reason).reason) : 'in'));
      expect(reasons.at(-1)).toBe('in');
      expect(new Set(reasons.slice(0, -1))).toEqual(new Set(['locked']));
    });

    it('name nobody in the audit who is not there: it may be a password that was typed as the name', async () => {
      await expect(signIn('hunter2hunter2', 'wrong')).rejects.toThrow(wrongPassword);
      await audit.close();
      expect(await auditOf('sign-in')).toEqual(['stranger an unknown user refused']);
    });

    it('are forgotten after an hour', async () => {
      const { user } = await module.accounts.resetAdministrator();
      for (let attempts = 0; attempts < 4; attempts += 1)
        await expect(signIn(user, 'wrong')).rejects.toThrow(wrongPassword);
      now += 61 * minute;
      for (let attempts = 0; attempts < 5; attempts += 1)
        await expect(signIn(user, 'wrong')).rejects.toThrow(wrongPassword);
      await expect(signIn(user, 'wrong')).rejects.toMatchObject({ reason: 'locked' });
    });
  });

  describe('a password', () => {
    it('that an Administrator made is good for choosing another, and ends with that', async () => {
      const made = await module.accounts.add(admin, { user: 'Ada', role: 'Operator' });
      expect(made.account).toMatchObject({ user: 'ada', mustChangePassword: true });
      const opened = await signIn('ada', made.password);
      expect(opened.session.mustChangePassword).toBe(true);
      const person = await whoIs(opened);
      const password = 'correct horse battery';
      const risen = await module.own.changePassword(admin, person, { current: made.password, password });
      expect(risen.session.mustChangePassword).toBe(false);
      expect(risen.token).not.toBe(opened.token);
      expect(await module.sessions.find(opened.token, 'token')).toBeUndefined();
      await expect(signIn('ada', made.password)).rejects.toThrow(wrongPassword);
    });

    it('is refused when it is short, has the name in it, or is the present one', async () => {
      const { user, password } = await member('ada');
      const person = await whoIs(await signIn(user, password));
      const change = (next: string, current = password): Promise<OpenedSession> =>
        module.own.changePassword(admin, person, { current, password: next });
      await expect(change('eleven char')).rejects.toThrow('The password has 11 characters; it must have 12.');
      await expect(change('the ADA password')).rejects.toThrow('has the name of its user in it');
      await expect(change(password)).rejects.toThrow('is the same as the current one');
      await expect(change('another good one', 'wrong')).rejects.toThrow(wrongPassword);
      await whoIs(await change('another good one'));
    });
  });

  describe('a second factor', () => {
    it('is asked for once the password is right, and lets in with a code', async () => {
      const { user, password, secret } = await withTotp();
      await expect(signIn(user, 'wrong')).rejects.toMatchObject({ status: 401, reason: 'sign-in-refused' });
      await expect(signIn(user, password)).rejects.toMatchObject({ status: 401, reason: 'code-required' });
      await expect(signIn(user, password, { code: '000000' })).rejects.toMatchObject({ reason: 'code-refused' });
      const opened = await signIn(user, password, { code: codeAt(secret, stepAt(now)) });
      expect(opened.session.totp).toBe(true);
    });

    it('takes each code once, also from two at the same moment, and none from before one that was taken', async () => {
      const { user, password, secret } = await withTotp();
      const code = codeAt(secret, stepAt(now));
      const both = await Promise.allSettled([signIn(user, password, { code }), signIn(user, password, { code })]);
      expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
      const earlier = codeAt(secret, stepAt(now) - 1);
      await expect(signIn(user, password, { code: earlier })).rejects.toMatchObject({ reason: 'code-refused' });
      await signIn(user, password, { code: codeAt(secret, stepAt(now) + 1) });
    });

    it('takes no code of two steps away', async () => {
      const { user, password, secret } = await withTotp();
      for (const away of [-2, 2]) {
        const code = codeAt(secret, stepAt(now) + away);
        await expect(signIn(user, password, { code })).rejects.toMatchObject({ reason: 'code-refused' });
      }
    });

    it('gives ten recovery codes, each good once', async () => {
      const { user, password, codes } = await withTotp();
      expect(new Set(codes).size).toBe(10);
      const [code = ''] = codes;
      expect(code).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
      const stored = JSON.stringify(await database.read.selectFrom('recovery_codes').selectAll().execute());
      expect(stored).not.toContain(code);
      const both = await Promise.allSettled([1, 2].map(() => signIn(user, password, { code: code.toUpperCase() })));
      expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
      await signIn(user, password, { code: codes[1] ?? '' });
      expect(await auditOf('use-recovery-code')).toHaveLength(2);
    });

    it('makes wrong codes wait for long, which strangers cannot cause', async () => {
      const { user, password, secret } = await withTotp();
      let waited = 0;
      for (let attempts = 0; attempts < 20; attempts += 1) {
        const refusal = await signIn(user, password, { code: '000000' }).catch((error: unknown) => error);
        const seconds = Number(/in (\d+) s/.exec(String(refusal))?.[1] ?? 0);
        waited = Math.max(waited, seconds);
        now += seconds * second;
      }
      expect(waited).toBeGreaterThan(60);
      expect(waited).toBeLessThanOrEqual(15 * 60);
      now += 15 * minute;
      await signIn(user, password, { code: codeAt(secret, stepAt(now)) });
    });

    it('ends every older session as it begins, and needs password and code to end', async () => {
      const { password } = await member('ada');
      const opened = await signIn('ada', password);
      const person = await whoIs(opened);
      await expect(module.own.beginTotp(admin, person, 'wrong')).rejects.toThrow(wrongPassword);
      const { secret: text, uri } = await module.own.beginTotp(admin, person, password);
      expect(uri).toBe(`otpauth://totp/Cordon%3Aada?secret=${text}&issuer=Cordon&algorithm=SHA1&digits=6&period=30`);
      await expect(module.own.confirmTotp(admin, person, '12345')).rejects.toMatchObject({ reason: 'code-refused' });
      await signIn('ada', password);
      const secret = fromBase32(text);
      const risen = await module.own.confirmTotp(admin, person, codeAt(secret, stepAt(now)));
      expect(await module.sessions.find(opened.token, 'token')).toBeUndefined();
      const again = await whoIs(risen.opened);
      now += 30 * second;
      const code = codeAt(secret, stepAt(now));
      await expect(module.own.disableTotp(admin, again, { password: 'wrong', code })).rejects.toThrow(wrongPassword);
      await expect(module.own.disableTotp(admin, again, { password, code: '000000' })).rejects.toMatchObject({
        reason: 'code-refused',
      });
      await module.own.disableTotp(admin, again, { password, code });
      await signIn('ada', password);
    });

    it('can be required of a role, whose accounts set it up before anything else', async () => {
      const { user, password } = await member('ada');
      await module.accounts.changeSettings(admin, { requireTotp: ['Operator'] });
      expect((await signIn(user, password)).session.mustSetUpTotp).toBe(true);
      const made = await member('root', 'Administrator');
      expect((await signIn(made.user, made.password)).session.mustSetUpTotp).toBe(false);
    });

    it('is taken from somebody who lost it by an Administrator, recovery codes and all', async () => {
      const { user, password } = await withTotp();
      await module.accounts.resetTotp(admin, user);
      await signIn(user, password);
      expect(await database.read.selectFrom('recovery_codes').selectAll().execute()).toEqual([]);
    });

    it('lies in the database sealed', async () => {
      const { secret } = await withTotp();
      const rows = JSON.stringify(await database.read.selectFrom('accounts').selectAll().execute());
      expect(rows).not.toContain(secret.toString('base64'));
    });
  });

  describe('keeping accounts', () => {
    it('ends the sessions of one that is changed, disabled or removed', async () => {
      await module.accounts.firstAdministrator();
      const { user, password } = await member('ada');
      const change = [
        () => module.accounts.change(admin, user, { role: 'Viewer' }),
        () => module.accounts.change(admin, user, { scope: ['Workgroup/Paris'] }),
        () => module.accounts.change(admin, user, { disabled: true }),
      ];
      for (const one of change) {
        const opened = await signIn(user, password);
        await one();
        expect(await module.sessions.find(opened.token, 'token')).toBeUndefined();
      }
      await expect(signIn(user, password)).rejects.toMatchObject({ status: 403, reason: 'account-disabled' });
      await module.accounts.change(admin, user, { disabled: false });
      const opened = await signIn(user, password);
      expect(opened.session).toMatchObject({ role: 'Viewer', scope: ['Workgroup\\Paris'] });
      await module.accounts.remove(admin, user);
      expect(await module.sessions.find(opened.token, 'token')).toBeUndefined();
      await expect(signIn(user, password)).rejects.toThrow(wrongPassword);
    });

    it('leaves one enabled Administrator, also when two take away the other at once', async () => {
      await module.accounts.firstAdministrator();
      await member('root', 'Administrator');
      await module.accounts.change(admin, 'root', { disabled: true });
      for (const act of [
        () => module.accounts.remove(admin, 'admin'),
        () => module.accounts.change(admin, 'admin', { role: 'Operator' }),
        () => module.accounts.change(admin, 'admin', { disabled: true }),
      ]) {
        await expect(act()).rejects.toMatchObject({ status: 409, reason: 'last-administrator' });
      }
      await module.accounts.change(admin, 'root', { disabled: false });
      const both = await Promise.allSettled([
        module.accounts.change(admin, 'root', { role: 'Operator' }),
        module.accounts.remove(admin, 'admin'),
      ]);
      expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
      const left = (await module.accounts.list()).filter((one) => one.role === 'Administrator' && !one.disabled);
      expect(left).toHaveLength(1);
    });

    it('makes no account twice, limits no Administrator, and takes no folder without a name', async () => {
      await module.accounts.firstAdministrator();
      const add = (desired: Parameters<typeof module.accounts.add>[1]): Promise<unknown> =>
        module.accounts.add(admin, desired);
      await expect(add({ user: 'ADMIN', role: 'Operator' })).rejects.toMatchObject({ reason: 'account-exists' });
      await expect(add({ user: 'a', role: 'Administrator', scope: ['x'] })).rejects.toMatchObject({
        reason: 'scope-impossible',
      });
      await expect(add({ user: 'a', role: 'Operator', scope: ['x', '\\'] })).rejects.toMatchObject({
        reason: 'scope-impossible',
      });
      await module.accounts.add(admin, { user: 'a', role: 'Operator', scope: ['x'] });
      await expect(module.accounts.change(admin, 'a', { role: 'Administrator' })).rejects.toMatchObject({
        reason: 'scope-impossible',
      });
      await expect(module.accounts.change(admin, 'b', {})).rejects.toMatchObject({ reason: 'account-unknown' });
    });

    it('on the server itself lifts whatever keeps the first Administrator out', async () => {
      await module.accounts.firstAdministrator();
      await member('root', 'Administrator');
      await module.accounts.change(admin, 'admin', { role: 'Viewer', scope: ['x'], disabled: true });
      const { user, password } = await module.accounts.resetAdministrator();
      expect((await signIn(user, password)).session).toMatchObject({ role: 'Administrator', scope: [], totp: false });
    });
  });
});

function fromBase32(text: string): Buffer {
  const bits = Array.from(text, (letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
