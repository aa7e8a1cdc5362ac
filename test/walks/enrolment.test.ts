/** The life of an endpoint: enrolled with a counted token, moved to another folder, uninstalled. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { Client as Postgres } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { root } from '../harness/privileged.ts';
import { databaseKinds } from '../harness/databases.ts';
import { Site } from './site.ts';

// Skipped without root: the endpoints need network namespaces.
describe.skipIf(!root).each(databaseKinds())('endpoints on $name', { timeout: 180_000 }, (kind) => {
  let site: Site;

  beforeEach(async () => {
    site = await Site.open(kind);
  });

  afterEach(() => site.close());

  async function agentNamed(hostName: string): ReturnType<Site['client']['agents']['list']> {
    return site.client.agents.list({ hostName });
  }

  test('a token for two endpoints enrols two, and a third is refused with a message', async () => {
    const { token } = await site.console.enrolment.addToken({ uses: 2 });
    for (const name of ['client01', 'client02']) {
      const endpoint = await site.endpoint(name);
      await endpoint.enrol(token);
      endpoint.run();
      expect((await site.arrival(endpoint)).isolation).toBe('normal');
    }
    const third = await site.endpoint('client03');
    await expect(third.enrol(token)).rejects.toThrow('This enrolment token is unknown, used up or expired.');
    expect(existsSync(join(third.state, 'identity.json'))).toBe(false);
    expect((await site.client.agents.list()).map((agent) => agent.hostName)).toEqual(['client01', 'client02']);
    const [second] = await agentNamed('client02');
    await site.client.agents.isolate({ hostName: 'client02' });
    await site.client.agents.waitFor(second?.entityId ?? '', 'isolated', { timeoutSeconds: 60 });
    expect((await agentNamed('client01'))[0]?.isolation).toBe('normal');
  });

  test('an expired token is refused with a message', async () => {
    const { id, token } = await site.console.enrolment.addToken({ uses: 1 });
    await expireToken(site.database.address, id);
    const endpoint = await site.endpoint('client01');
    await expect(endpoint.enrol(token)).rejects.toThrow('This enrolment token is unknown, used up or expired.');
    expect(await site.client.agents.list()).toEqual([]);
  });

  test('relocating changes the folder and nothing else, also while isolated', async () => {
    const endpoint = await site.managed('client01');
    await site.isolate(endpoint);
    const [before] = await agentNamed('client01');
    const to = { toServerId: before?.managingServerId, toFolder: String.raw`\Branch\Laptops` };
    await site.client.agents.relocate({ hostName: 'client01' }, to);
    expect(await agentNamed('client01')).toEqual([{ ...before, folderPath: String.raw`Branch\Laptops` }]);
    const { epoch, reportedEpoch, online } = await site.arrival(endpoint);
    expect({ reportedEpoch, online }).toEqual({ reportedEpoch: epoch, online: true });
    expect(endpoint.tables()).toBe(3);
    expect(endpoint.agent.child.exitCode).toBeNull();
  });

  test('uninstalling an isolated endpoint removes the rules and the state of the agent, and nothing else', async () => {
    const endpoint = await site.managed('client01');
    await site.client.objects.add({ type: 'ip', content: '192.0.2.7', action: 'block' });
    await site.isolate(endpoint);
    const [agent] = await agentNamed('client01');
    const strangers = [join(endpoint.state, 'notes.txt'), join(endpoint.state, 'objects', 'list-of-somebody.json')];
    mkdirSync(join(endpoint.state, 'objects'), { recursive: true });
    for (const file of strangers) writeFileSync(file, 'keep');

    const [answered] = await site.client.agents.uninstall({ hostName: 'client01' });
    expect(answered).toEqual(agent);
    expect(await endpoint.agent.exited).toBe(0);
    await site.client.agents.waitFor(agent?.entityId ?? '', 'removed', { timeoutSeconds: 60 });
    expect(await site.client.agents.list()).toEqual([]);
    expect(endpoint.rules()).toBe('');
    const left = readdirSync(endpoint.state, { recursive: true }).map(String).sort();
    expect(left).toEqual(['notes.txt', 'objects', join('objects', 'list-of-somebody.json')]);
    for (const file of strangers) expect(readFileSync(file, 'utf8')).toBe('keep');
    const [command] = await site.console.commands.list();
    expect(command).toMatchObject({ act: 'uninstall', state: 'done', agent: agent?.entityId });
  });
});

/** Expires a token without waiting: a token is valid for at least a minute. */
async function expireToken(database: string, id: string): Promise<void> {
  const [statement, values] = ['update enrolment_tokens set expires_at = 1 where id = ', [id]] as const;
  if (database.startsWith('postgres://')) {
    const client = new Postgres({ connectionString: database });
    await client.connect();
    await client.query(`${statement}$1`, [...values]);
    await client.end();
  } else {
    const file = new DatabaseSync(database);
    file.exec('pragma busy_timeout = 5000');
    file.prepare(`${statement}?`).run(...values);
    file.close();
  }
}
