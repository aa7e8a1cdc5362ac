/** The console client against the stub's console API: sessions, applications, tokens, records. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../../../../test/cli/stub-console.ts';
import { startStub } from '../../../../test/cli/stub-server.ts';
import type { Stub } from '../../../../test/cli/stub-server.ts';
import { ConsoleClient } from './console-client.ts';
import { pinnedTransport } from '../node/index.ts';
import { readReport } from '../report.ts';

let stub: Stub;
let person: ConsoleClient;
beforeEach(async () => {
  stub = await startStub();
  person = new ConsoleClient({ url: `${stub.url}/`, transport: pinnedTransport(stub) });
});
afterEach(async () => {
  await stub.close();
});

describe('a person', () => {
  it('signs in, works in the session, and signs out of it', async () => {
    const session = await person.signIn(admin.user, admin.password);
    expect(session.user).toBe('admin');
    const again = new ConsoleClient({ url: stub.url, transport: pinnedTransport(stub), session: session.token });
    expect(await again.applications.list()).toMatchObject([{ name: 'playbooks', timeoutSeconds: 300 }]);
    await again.signOut();
    await expect(again.applications.list()).rejects.toMatchObject({ kind: 'usage', hint: 'Sign in first.' });
  });

  it('with a wrong password reads so, and the message leaves the password out', async () => {
    await expect(person.signIn('admin', 'wrong')).rejects.toMatchObject({
      kind: 'refused',
      family: 'console',
      httpStatus: 401,
      message: 'The server refused: The user name or the password is wrong.',
    });
  });

  it('adds, changes, rotates and removes applications', async () => {
    await person.signIn(admin.user, admin.password);
    const { application, apiKey } = await person.applications.add({ name: 'playbooks' });
    expect(apiKey).toMatch(/^BBBBBBBB/);
    await person.applications.change(application.id, { enabled: false });
    expect(stub.seen.at(-1)).toMatchObject({ method: 'PATCH', body: '{"enabled":false}' });
    expect((await person.applications.rotate(application.id)).application.id).toBe(application.id);
    await person.applications.remove(application.id);
    expect(stub.seen.at(-1)).toMatchObject({ method: 'DELETE', url: `/api/v1/applications/${application.id}` });
  });

  it('reads agents, commands and the audit, and makes enrolment tokens', async () => {
    await person.signIn(admin.user, admin.password);
    const [command] = await person.commands.list({ limit: 5 });
    expect(stub.seen.at(-1)?.url).toBe('/api/v1/commands?limit=5');
    expect(await person.agents.get(command?.agent ?? '')).toMatchObject({
      hostName: 'client01',
      epoch: 2,
      online: true,
    });
    expect((await person.audit.list({ after: 3 })).lines).toMatchObject([{ id: 4, outcome: 'done' }]);
    expect((await person.enrolment.addToken({ uses: 1 })).token).toBe('cordon1.abc');
  });

  it('previews, acts, and gets the approval that an act waits for', async () => {
    await person.signIn(admin.user, admin.password);
    const request = { act: 'isolate', selector: { hostName: 'dc01' }, forSeconds: 3600, reason: 'case 12' } as const;
    const preview = await person.acts.preview(request);
    expect(preview).toMatchObject({ affected: [{ hostName: 'dc01' }], guard: [{ rule: 'protected' }], approval: null });
    expect((await person.acts.perform(request)).approval).toBe(7);
    expect(stub.seen.at(-1)).toMatchObject({ url: '/api/v1/acts', body: JSON.stringify(request) });
    expect(await person.approvals.list()).toMatchObject([{ id: 7, state: 'pending', decidedBy: null }, { id: 6 }]);
    expect((await person.approvals.approve(7)).affected).toHaveLength(1);
    await person.approvals.reject(7);
    expect(stub.seen.at(-1)).toMatchObject({ method: 'POST', url: '/api/v1/approvals/7/reject', body: '' });
  });

  it('keeps guard, profiles and agents', async () => {
    await person.signIn(admin.user, admin.password);
    const settings = await person.guard.settings();
    await person.guard.change({ ...settings, perPersonPerHour: settings.perPersonPerHour });
    expect(stub.seen.at(-1)).toMatchObject({ method: 'PUT', url: '/api/v1/guard', body: JSON.stringify(settings) });
    const [profile] = await person.profiles.list();
    expect(profile).toMatchObject({ name: 'forensics', dhcp: true });
    expect(profile?.exceptions[2]).toEqual({
      direction: 'out',
      protocol: 'tcp',
      network: '198.51.100.7/32',
      ports: null,
    });
    await person.profiles.put('forensics', { exceptions: profile?.exceptions ?? [] });
    await person.profiles.remove('forensics');
    const [command] = await person.commands.list();
    const id = command?.agent ?? '';
    await person.agents.protect(id, true);
    expect(stub.seen.at(-1)).toMatchObject({
      method: 'PATCH',
      url: `/api/v1/agents/${id}`,
      body: '{"protected":true}',
    });
    expect((await person.agents.breakGlassCodes(id)).codes).toMatchObject([{ code: '7K3M-9QZX-0V4T' }]);
    await person.agents.remove(id);
    expect(stub.seen.at(-1)).toMatchObject({ method: 'DELETE', url: `/api/v1/agents/${id}` });
  });

  it('reads checkpoints, and what an agent has proved', async () => {
    await person.signIn(admin.user, admin.password);
    const { publicKey, checkpoints } = await person.audit.checkpoints();
    expect(publicKey).toMatch(/^MCowBQYDK2VwAyEA/);
    expect(checkpoints.map(({ id }) => id)).toEqual([2, 4]);
    const [command] = await person.commands.list();
    const { report } = await person.agents.get(command?.agent ?? '');
    expect(readReport(report)).toMatchObject({ epoch: 2, isolation: 'isolated', proof: { level: 'owner-persist' } });
    expect(readReport(null)).toBeUndefined();
    expect(readReport('{}')).toBeUndefined();
    const document = '{"isolation":"odd","released":{"by":"deadline","at":5}}';
    expect(readReport(JSON.stringify({ document, signature: 's' }))).toMatchObject({
      signed: { document, signature: 's' },
      isolation: 'unproven',
      proof: null,
      released: { by: 'deadline', at: 5 },
    });
  });

  it('learns from a missing resource that it is missing', async () => {
    await person.signIn(admin.user, admin.password);
    await expect(person.agents.get('../x')).rejects.toMatchObject({ httpStatus: 404, reasons: ['route-unknown'] });
    expect(stub.seen.at(-1)?.url).toBe('/api/v1/agents/..%2Fx');
  });
});
