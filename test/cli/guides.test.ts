/** The tasks of both guides, by CLI and SDK, against Cordon and a strict stand-in for Apex Central. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Client } from '@cordon/sdk';
import { fileAt, pinnedTransport } from '@cordon/sdk/node';
import { JsonProcess } from '../harness/json-process.ts';
import { agentProgram } from '../agent/paths.ts';
import { eventually } from '../harness/eventually.ts';
import { freePort } from '../harness/free-port.ts';
import { startServer } from '../harness/server.ts';
import { Harness } from './harness.ts';
import type { Served } from './harness.ts';
import { startStub } from './stub-server.ts';

const content = 'a sample of the second guide';
const sha1 = createHash('sha1').update(content).digest('hex').toUpperCase();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cordon-guides-'));
  await writeFile(join(folder, 'sample.bin'), content);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Cordon with one simulated endpoint, client01. */
async function cordon(): Promise<Served> {
  const server = await startServer({ data: join(folder, 'data'), listen: `127.0.0.1:${await freePort()}` });
  const { applicationId, apiKey } = await server.client();
  const environment = {
    CORDON_AGENT_STATE: join(folder, 'agent'),
    CORDON_AGENT_SIMULATED: '1',
    CORDON_AGENT_HOST_NAME: 'client01',
  };
  const start = (...args: string[]): JsonProcess =>
    new JsonProcess(process.execPath, [agentProgram, ...args], { environment, from: 'stderr' });
  const { token } = await (await server.console()).enrolment.addToken({});
  expect(await start('enrol', token).exited).toBe(0);
  const agent = start('run', '--with-parent');
  const { url, fingerprint } = server;
  const client = clientOf({ url, fingerprint, applicationId, apiKey });
  await eventually('client01 is there', async () => {
    const [known] = await client.agents.list({ hostName: 'client01' });
    return known?.connection === 'Online' ? true : undefined;
  });
  const close = async (): Promise<void> => {
    agent.child.stdin?.end();
    await agent.exited;
    await server.stop();
  };
  return { url, fingerprint, applicationId, apiKey, close };
}

function clientOf({ url, fingerprint, applicationId, apiKey }: Omit<Served, 'close'>): Client {
  return new Client({ url, applicationId, apiKey, transport: pinnedTransport({ fingerprint }) });
}

describe.each([
  ['Cordon', cordon],
  ['the stand-in for Apex Central', startStub],
])('against %s', (_name, serve) => {
  let served: Served;
  beforeEach(async () => {
    served = await serve();
  });
  afterEach(async () => {
    await served.close();
  });

  it('the command isolates, releases, and lists a file', async () => {
    const harness = new Harness(served, folder);
    const { url, fingerprint, applicationId, apiKey } = served;
    const env = {
      CORDON_URL: url,
      CORDON_FINGERPRINT: fingerprint,
      CORDON_APPLICATION_ID: applicationId,
      CORDON_API_KEY: apiKey,
    };
    const listed = await harness.run('agents list client01', { env });
    expect([listed.code, listed.out]).toEqual([0, expect.stringContaining('client01')]);
    const isolated = await harness.run('agents isolate client01 --wait', { env });
    expect([isolated.code, isolated.out]).toEqual([
      0,
      expect.stringMatching(/client01: isolated\n1 agent isolated after/),
    ]);
    const restored = await harness.run('agents release client01 --wait', { env });
    expect([restored.code, restored.out]).toEqual([0, expect.stringContaining('1 agent released after')]);
    const added = await harness.run('objects add-file sample.bin --action block --note "case 1"', { env });
    expect([added.code, added.out]).toEqual([0, `Added sample.bin with SHA-1 ${sha1}: block.\n`]);
    const objects = await harness.run('objects list --type file --json', { env });
    expect(JSON.parse(objects.out)).toContainEqual(
      expect.objectContaining({ type: 'file', content: sha1, action: 'block' }),
    );
  });

  it('the SDK isolates, restores, and lists a file', async () => {
    const client = clientOf(served);
    const isolated = await client.agents.isolateAndWait({ hostName: 'client01' }, { timeoutSeconds: 60 });
    expect(isolated).toMatchObject({ outcome: 'reached', agents: [{ isolation: 'isolated' }] });
    const restored = await client.agents.restoreAndWait({ hostName: 'client01' }, { timeoutSeconds: 60 });
    expect(restored).toMatchObject({ outcome: 'reached', agents: [{ isolation: 'normal' }] });
    const file = await fileAt(join(folder, 'sample.bin'));
    expect(await client.objects.addFile({ name: file.name, content: file, action: 'quarantine' })).toEqual({ sha1 });
    expect(await client.objects.list({ type: 'file', contentFilter: sha1 })).toContainEqual(
      expect.objectContaining({ content: sha1, action: 'quarantine' }),
    );
  });
});
