/** The console client against the stub's console API: sessions, applications, tokens, records. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { admin } from '../../../test/cli/stub-console.ts';
import { startStub } from '../../../test/cli/stub-server.ts';
import type { Stub } from '../../../test/cli/stub-server.ts';
import { ConsoleClient } from './console-client.ts';
import { pinnedTransport } from './node/index.ts';

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
    expect((await person.audit({ after: 40 })).lines).toMatchObject([{ id: 41, outcome: 'done' }]);
    expect((await person.addEnrolmentToken({ uses: 1 })).token).toBe('cordon1.abc');
  });

  it('learns from a missing resource that it is missing', async () => {
    await person.signIn(admin.user, admin.password);
    await expect(person.agent('../x')).rejects.toMatchObject({ httpStatus: 404, reasons: ['route-unknown'] });
    expect(stub.seen.at(-1)?.url).toBe('/api/v1/agents/..%2Fx');
  });
});
