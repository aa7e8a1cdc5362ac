/** The console client against the stub's console API: sessions, applications, tokens, records. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../../../test/cli/stub-console.ts';
import { startStub } from '../../../test/cli/stub-server.ts';
import type { Stub } from '../../../test/cli/stub-server.ts';
import { ConsoleClient } from './console-client.ts';
import { pinnedTransport } from './node/index.ts';
import { readReport } from './report.ts';

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
    expect(await again.applications()).toMatchObject([{ name: 'playbooks', timeoutSeconds: 300 }]);
    await again.signOut();
    await expect(again.applications()).rejects.toMatchObject({ kind: 'usage', hint: 'Sign in first.' });
  });

  it('with a wrong password is told so, and the password is not', async () => {
    await expect(person.signIn('admin', 'wrong')).rejects.toMatchObject({
      kind: 'refused',
      family: 'console',
      httpStatus: 401,
      message: 'The server refused: The user name or the password is wrong.',
    });
  });

  it('adds, changes, rotates and removes applications', async () => {
    await person.signIn(admin.user, admin.password);
    const { application, apiKey } = await person.addApplication({ name: 'playbooks' });
    expect(apiKey).toMatch(/^BBBBBBBB/);
    await person.changeApplication(application.id, { enabled: false });
    expect(stub.seen.at(-1)).toMatchObject({ method: 'PATCH', body: '{"enabled":false}' });
    expect((await person.rotateApplication(application.id)).application.id).toBe(application.id);
    await person.removeApplication(application.id);
    expect(stub.seen.at(-1)).toMatchObject({ method: 'DELETE', url: `/api/v1/applications/${application.id}` });
  });

  it('reads agents, commands and the audit, and makes enrolment tokens', async () => {
    await person.signIn(admin.user, admin.password);
    const [command] = await person.commands({ limit: 5 });
    expect(stub.seen.at(-1)?.url).toBe('/api/v1/commands?limit=5');
    expect(await person.agent(command?.agent ?? '')).toMatchObject({ hostName: 'client01', epoch: 2, online: true });
    expect((await person.audit({ after: 3 })).lines).toMatchObject([{ id: 4, outcome: 'done' }]);
    expect((await person.addEnrolmentToken({ uses: 1 })).token).toBe('cordon1.abc');
  });

  it('previews, acts, and is told of the approval that an act waits for', async () => {
    await person.signIn(admin.user, admin.password);
    const request = { act: 'isolate', selector: { hostName: 'dc01' }, forSeconds: 3600, reason: 'case 12' } as const;
    const preview = await person.previewAct(request);
    expect(preview).toMatchObject({ affected: [{ hostName: 'dc01' }], guard: [{ rule: 'protected' }], approval: null });
    expect((await person.act(request)).approval).toBe(7);
    expect(stub.seen.at(-1)).toMatchObject({ url: '/api/v1/acts', body: JSON.stringify(request) });
    expect(await person.approvals()).toMatchObject([{ id: 7, state: 'pending', decidedBy: null }, { id: 6 }]);
    expect((await person.approve(7)).affected).toHaveLength(1);
    await person.reject(7);
    expect(stub.seen.at(-1)).toMatchObject({ method: 'POST', url: '/api/v1/approvals/7/reject', body: '' });
  });

  it('keeps guard, profiles and agents', async () => {
    await person.signIn(admin.user, admin.password);
    const settings = await person.guard();
    await person.changeGuard({ ...settings, perPersonPerHour: settings.perPersonPerHour });
    expect(stub.seen.at(-1)).toMatchObject({ method: 'PUT', url: '/api/v1/guard', body: JSON.stringify(settings) });
    const [profile] = await person.profiles();
    expect(profile).toMatchObject({ name: 'forensics', dhcp: true });
    expect(profile?.exceptions[2]).toEqual({
      direction: 'out',
      protocol: 'tcp',
      network: '198.51.100.7/32',
      ports: null,
    });
    await person.putProfile('forensics', { exceptions: profile?.exceptions ?? [] });
    await person.removeProfile('forensics');
    const [command] = await person.commands();
    const id = command?.agent ?? '';
    await person.protectAgent(id, true);
    expect(stub.seen.at(-1)).toMatchObject({
      method: 'PATCH',
      url: `/api/v1/agents/${id}`,
      body: '{"protected":true}',
    });
    expect((await person.breakGlassCode(id)).code).toBe('7K3M-9QZX-0V4T');
    await person.removeAgent(id);
    expect(stub.seen.at(-1)).toMatchObject({ method: 'DELETE', url: `/api/v1/agents/${id}` });
  });

  it('reads checkpoints, and what an agent has proved', async () => {
    await person.signIn(admin.user, admin.password);
    const { publicKey, checkpoints } = await person.auditCheckpoints();
    expect(publicKey).toMatch(/^MCowBQYDK2VwAyEA/);
    expect(checkpoints.map(({ id }) => id)).toEqual([2, 4]);
    const [command] = await person.commands();
    const { report } = await person.agent(command?.agent ?? '');
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
    await expect(person.agent('../x')).rejects.toMatchObject({ httpStatus: 404, reasons: ['route-unknown'] });
    expect(stub.seen.at(-1)?.url).toBe('/api/v1/agents/..%2Fx');
  });
});
