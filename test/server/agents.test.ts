/** Agents, from enrolment to uninstalling, as the server sees them: a fake agent on real channels. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { breakGlassDigest, readEnrolmentToken } from '@cordon/protocol/channel';
import type { EnrolmentToken } from '@cordon/protocol/channel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseKinds } from '../harness/databases.ts';
import { eventually } from '../harness/eventually.ts';
import { factsOf, postEnrolment, proof, publicText } from './fake-agent.ts';
import type { FakeAgent } from './fake-agent.ts';
import { Site, agentsPath, contentOf, objectsPath, serversPath } from './site.ts';

const isolate = 'cmd_isolate_agent';
const restore = 'cmd_restore_isolated_agent';

describe.each(databaseKinds())('on $name', (kind) => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.open(kind);
  });
  afterAll(() => site.close());

  async function newToken(uses = 1): Promise<EnrolmentToken> {
    return readEnrolmentToken((await site.console.enrolment.addToken({ uses })).token);
  }

  function request(secret: string, change: object = {}): object {
    const { publicKey } = generateKeyPairSync('ed25519');
    return { secret, publicKey: publicText(publicKey), facts: factsOf(site.newName()), ...change };
  }

  function becomes(agent: FakeAgent, status: string): Promise<unknown> {
    return eventually(`the agent becomes ${status}`, async () =>
      (await site.statusOf(agent)) === status ? true : undefined,
    );
  }

  async function stateOf(agent: FakeAgent, act: string): Promise<[string, string | null] | undefined> {
    const found = (await site.console.commands.list({ agent: agent.id })).find((one) => one.act === act);
    return found === undefined ? undefined : [found.state, found.outcome];
  }

  describe('enrolling', () => {
    it('makes an agent that is listed, offline and normal, and has an order of its own', async () => {
      const agent = await site.enrol({ addresses: ['2001:0DB8::0007', '192.0.2.1'] });
      expect(agent.epoch).toBe(1);
      expect(await site.listed(agent)).toMatchObject({
        isolation_status: 'normal',
        connection_status: 'Offline',
        ip_address_list: '2001:db8::7,192.0.2.1',
      });
    });

    it.each([
      ['a secret that nobody gave out', async () => 'x'.repeat(32)],
      [
        'a secret that is used up',
        async () => {
          const { secret } = await newToken();
          expect((await postEnrolment(site.server, request(secret))).status).toBe(201);
          return secret;
        },
      ],
    ])('with %s is refused, and audited once', async (_name, secretOf) => {
      const secret = await secretOf();
      const from = site.newSource();
      const answer = await postEnrolment(site.server, request(secret), from);
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.text)).toEqual({
        error: {
          reason: 'token-void',
          message: 'This enrolment token is unknown, used up or expired. Create one with "cordon enrol-token".',
        },
      });
      expect((await site.linesFrom(from)).map((line) => [line.act, line.outcome])).toEqual([['enrol', 'refused']]);
    });

    it('with a key of another kind is refused, and the token keeps its use', async () => {
      const { secret } = await newToken();
      const { publicKey } = generateKeyPairSync('x25519');
      const answer = await postEnrolment(site.server, request(secret, { publicKey: publicText(publicKey) }));
      expect([answer.status, JSON.parse(answer.text).error.reason]).toEqual([400, 'key-invalid']);
      expect((await postEnrolment(site.server, request(secret))).status).toBe(201);
    });

    it('with a NUL in its name is refused, and the token keeps its use', async () => {
      const { secret } = await newToken();
      const answer = await postEnrolment(site.server, request(secret, { facts: factsOf('a\u0000b') }));
      expect([answer.status, JSON.parse(answer.text).error.reason]).toEqual([400, 'parameter-invalid']);
      expect((await postEnrolment(site.server, request(secret))).status).toBe(201);
    });

    it('at once with one token of three uses makes three agents, however many try', async () => {
      const { secret } = await newToken(3);
      const answers = await Promise.all(Array.from({ length: 12 }, () => postEnrolment(site.server, request(secret))));
      expect(answers.filter((one) => one.status === 201)).toHaveLength(3);
      expect(answers.filter((one) => one.status === 403)).toHaveLength(9);
    });
  });

  describe('a channel', () => {
    it.each<[string, (agent: FakeAgent) => object]>([
      ['signed with another key', () => ({ key: generateKeyPairSync('ed25519').privateKey })],
      ['over another nonce', () => ({ nonce: 'another-nonce-of-some-length' })],
      ['over another public key', () => ({ publicKeyPin: `${'a'.repeat(43)}=` })],
      ['of an agent that nobody enrolled', () => ({ id: randomUUID() })],
    ])('whose hello is %s is closed', async (_name, change) => {
      const agent = await site.enrol();
      const channel = await agent.knock(site.server);
      channel.hello(agent, change(agent));
      expect(await channel.next('refused')).toMatchObject({
        reason: 'agent-unknown',
        message: 'No agent with this ID and key is enrolled here.',
      });
      expect(await channel.ended).toEqual({ code: 1008, word: 'agent-unknown' });
      expect(await site.listed(agent)).toMatchObject({ connection_status: 'Offline' });
    });

    it('that begins with anything but a hello is closed', async () => {
      const agent = await site.enrol();
      const channel = await agent.knock(site.server);
      channel.report(agent, {});
      expect((await channel.next('refused')).reason).toBe('hello-invalid');
    });

    it.each(['rubbish', '{}', '{"frame":"hello"}', '[]', Buffer.of(1, 2, 3)])(
      'that carries %j ends, and no other does',
      async (garbage) => {
        const [one, other] = [await site.connected(), await site.connected()];
        one.channel.sendText(garbage);
        expect((await one.channel.next('refused')).reason).toBe('frame-invalid');
        await one.channel.ended;
        await other.report();
        expect(await site.listed(other)).toMatchObject({ connection_status: 'Online' });
      },
    );

    it('with a frame that is too large ends, and no other does', async () => {
      const [one, other] = [await site.connected(), await site.connected()];
      one.channel.sendText('x'.repeat(1_100_000));
      expect((await one.channel.ended).code).toBe(1009);
      await other.report();
      expect(await site.statusOf(other)).toBe('normal');
    });

    it('says a second hello to no avail', async () => {
      const agent = await site.connected();
      agent.channel.hello(agent);
      expect(await agent.channel.next('refused')).toMatchObject({ reason: 'frame-invalid' });
    });

    it('is replaced by a newer one of the same agent, which gets the orders', async () => {
      const agent = await site.connected();
      const older = agent.channel;
      await agent.connect(site.server);
      expect(await older.ended).toEqual({ code: 1008, word: 'replaced' });
      await site.act(isolate, { entity_id: agent.id });
      expect(await agent.obey()).toMatchObject({ isolation: 'isolated' });
      expect(await site.listed(agent)).toMatchObject({ connection_status: 'Online' });
    });

    it('that closes turns the agent offline', async () => {
      const agent = await site.connected();
      await agent.channel.close();
      const offline = async (): Promise<true | undefined> =>
        (await site.listed(agent))?.['connection_status'] === 'Offline' ? true : undefined;
      expect(await eventually('the agent is offline', offline)).toBe(true);
    });

    it('takes over what the endpoint says of itself', async () => {
      const agent = await site.enrol({ addresses: ['192.0.2.50'] });
      agent.facts = factsOf(site.newName(), { addresses: ['192.0.2.51'], macs: ['02-00-00-00-00-51'] });
      await agent.connect(site.server);
      expect(await site.listed(agent)).toMatchObject({
        host_name: agent.facts.hostName,
        ip_address_list: '192.0.2.51',
      });
      expect(contentOf(await site.get(`${agentsPath}?ip_address=192.0.2.50`))).toEqual([]);
      expect(contentOf(await site.get(`${agentsPath}?mac_address=020000000051`))).toHaveLength(1);
    });

    it('on any other path, or reset while it is refused, ends nothing', async () => {
      const { hostname: host, port } = new URL(site.server.url);
      for (let attempt = 0; attempt < 20; attempt += 1) {
        const plain = connectTcp({ host, port: Number(port) });
        plain.on('error', () => undefined); // Reset on purpose.
        const secure = connectTls({ socket: plain, rejectUnauthorized: false });
        secure.on('error', () => undefined); // Likewise.
        await once(secure, 'secureConnect');
        secure.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', () =>
          plain.resetAndDestroy(),
        );
        await once(plain, 'close');
      }
      expect((await site.get(serversPath)).status).toBe(200);
    });
  });

  describe('isolating', () => {
    it('is pending once accepted, isolated once reported with proof, and answered as it was before', async () => {
      const agent = await site.connected();
      const answer = await site.act(isolate, { host_name: agent.facts.hostName });
      expect(contentOf(answer)).toEqual([expect.objectContaining({ entity_id: agent.id, isolation_status: 'normal' })]);
      expect(await site.statusOf(agent)).toBe('endpoint_isolation_pending');
      expect(await stateOf(agent, 'isolate')).toEqual(['pending', null]);
      await agent.obey();
      expect(await site.statusOf(agent)).toBe('isolated');
      expect(await stateOf(agent, 'isolate')).toEqual(['done', null]);

      expect(contentOf(await site.act(restore, { entity_id: agent.id }))).toEqual([
        expect.objectContaining({ isolation_status: 'isolated' }),
      ]);
      expect(await site.statusOf(agent)).toBe('connection_restoration_pending');
      expect(await agent.obey()).toMatchObject({ isolation: 'normal', epoch: 3 });
      expect(await site.statusOf(agent)).toBe('normal');
      expect(await stateOf(agent, 'release')).toEqual(['done', null]);
    });

    it('is not believed without proof', async () => {
      const agent = await site.connected();
      await site.act(isolate, { entity_id: agent.id });
      await agent.ordered();
      await agent.report({ isolation: 'isolated', proof: null });
      expect(await site.statusOf(agent)).toBe('endpoint_isolation_pending');
      await agent.report({ isolation: 'isolated', proof });
      expect(await site.statusOf(agent)).toBe('isolated');
    });

    it('is not shown by a report of an older order', async () => {
      const agent = await site.connected();
      await site.act(isolate, { entity_id: agent.id });
      const { epoch } = await agent.obey();
      await site.act(restore, { entity_id: agent.id });
      // Before the next one: of two that arrive at once, only the newer is sent.
      await agent.ordered();
      await site.act(isolate, { entity_id: agent.id });
      expect((await agent.ordered()).epoch).toBe(epoch + 2);
      await agent.report({ isolation: 'isolated', epoch });
      expect(await site.statusOf(agent)).toBe('endpoint_isolation_pending');
      await agent.report({ isolation: 'isolated' });
      expect(await site.statusOf(agent)).toBe('isolated');
      await agent.report({ isolation: 'normal', epoch: epoch + 1 });
      expect(await site.statusOf(agent)).toBe('isolated');
    });

    it('that fails at the endpoint stays pending, with its words, until it holds after all', async () => {
      const agent = await site.connected();
      await site.act(isolate, { entity_id: agent.id });
      await agent.ordered();
      await agent.report({ isolation: 'unproven', problem: 'nf_tables is not there' });
      expect(await site.statusOf(agent)).toBe('endpoint_isolation_pending');
      expect(await stateOf(agent, 'isolate')).toEqual(['failed', 'nf_tables is not there']);
      expect((await site.console.agents.get(agent.id)).problem).toBe('nf_tables is not there');
      await agent.report({ isolation: 'isolated' });
      expect(await stateOf(agent, 'isolate')).toEqual(['done', null]);
      expect((await site.console.agents.get(agent.id)).problem).toBeNull();
    });

    it('of an endpoint that is off waits for it', async () => {
      const agent = await site.enrol();
      await site.act(isolate, { entity_id: agent.id });
      expect(await site.statusOf(agent)).toBe('endpoint_isolation_pending');
      await agent.connect(site.server);
      expect(await agent.obey()).toMatchObject({ isolation: 'isolated', installed: true });
      expect(await site.statusOf(agent)).toBe('isolated');
    });

    it('of an endpoint that is isolated is done at once, and sends nothing', async () => {
      const agent = await site.connected();
      await site.act(isolate, { entity_id: agent.id });
      await agent.obey();
      expect(contentOf(await site.act(isolate, { entity_id: agent.id }))).toHaveLength(1);
      expect((await site.console.commands.list({ agent: agent.id })).map((one) => one.state)).toEqual(['done', 'done']);
      await agent.report();
      expect(agent.channel.left).not.toContain('desired');
    });

    it('is superseded by restoring before it was done', async () => {
      const agent = await site.enrol();
      await site.act(isolate, { entity_id: agent.id });
      await site.act(restore, { entity_id: agent.id });
      expect(await stateOf(agent, 'isolate')).toEqual(['superseded', 'superseded by release']);
      expect(await site.statusOf(agent)).toBe('connection_restoration_pending');
      await agent.connect(site.server);
      expect(await agent.obey()).toMatchObject({ isolation: 'normal', epoch: 3 });
      expect(await stateOf(agent, 'release')).toEqual(['done', null]);
    });

    it('leaves out an endpoint that cannot be isolated: success, and an empty list', async () => {
      const agent = await site.connected({ canIsolate: false });
      const answer = await site.act(isolate, { entity_id: agent.id });
      expect(answer.text).toBe('{"result_code":1,"result_description":"Operation successful","result_content":[]}');
      expect(await site.listed(agent)).toMatchObject({ isolation_status: 'not_supported', capabilities: [] });
      expect(await site.console.commands.list({ agent: agent.id })).toEqual([]);
    });

    it('of several answers with those that can be isolated', async () => {
      const product = `P-${site.newName()}`;
      const [one, other] = [await site.connected({ product }), await site.enrol({ product, canIsolate: false })];
      const answer = contentOf(await site.act(isolate, { product: product.toLowerCase() }));
      expect(answer.map((agent) => agent['entity_id'])).toEqual([one.id]);
      expect(await site.statusOf(other)).toBe('not_supported');
    });

    it('many at once orders every one of them', async () => {
      const product = `P-${site.newName()}`;
      const agents = await Promise.all(Array.from({ length: 10 }, () => site.connected({ product })));
      expect(contentOf(await site.act(isolate, { product }))).toHaveLength(10);
      await Promise.all(agents.map((agent) => agent.obey()));
      const statuses = contentOf(await site.get(`${agentsPath}?product=${product}`)).map(
        (one) => one['isolation_status'],
      );
      expect(new Set(statuses)).toEqual(new Set(['isolated']));
    });

    it('and restoring the same endpoint from many sides ends with one order that is the last', async () => {
      const agent = await site.enrol();
      const acts = Array.from({ length: 10 }, (_, index) => (index % 2 === 0 ? isolate : restore));
      await Promise.all(acts.map((act) => site.act(act, { entity_id: agent.id })));
      const { desired, epoch } = await site.console.agents.get(agent.id);
      await agent.connect(site.server);
      expect(await agent.obey()).toMatchObject({ isolation: desired, epoch });
      await becomes(agent, desired);
    });
  });

  describe('an order that is given while an agent comes', () => {
    it('reaches it, in whatever moment of its hello it is committed', async () => {
      const agent = await site.enrol();
      for (let turn = 0; turn < 30; turn += 1) {
        // A changed fact makes the hello wait for a commit of its own, which opens the gap.
        agent.facts = { ...agent.facts, agentVersion: `0.1.${turn}` };
        const act = turn % 2 === 0 ? isolate : restore;
        const [, answer] = await Promise.all([agent.connect(site.server), site.act(act, { entity_id: agent.id })]);
        expect(contentOf(answer)).toHaveLength(1);
        await agent.obey();
        await becomes(agent, turn % 2 === 0 ? 'isolated' : 'normal');
        await agent.channel.close();
      }
    });
  });

  describe('a list longer than a page', () => {
    it('has every agent once, in the order in which they came', async () => {
      const product = `P-${site.newName()}`;
      const { secret } = await newToken(520);
      const desired: string[] = [];
      for (let from = 0; from < 520; from += 40) {
        const some = Array.from({ length: 40 }, () =>
          postEnrolment(site.server, request(secret, { facts: factsOf(site.newName(), { product }) })),
        );
        desired.push(...(await Promise.all(some)).map((answer) => JSON.parse(answer.text).agent));
      }
      const listed = contentOf(await site.get(`${agentsPath}?product=${product}`)).map((one) => one['entity_id']);
      expect(listed).toHaveLength(520);
      expect(new Set(listed)).toEqual(new Set(desired));
      const all = contentOf(await site.get(agentsPath)).map((one) => one['entity_id']);
      expect(all.filter((id) => desired.includes(String(id)))).toEqual(listed);
    });
  });

  describe('a report', () => {
    it.each<[string, (agent: FakeAgent) => object]>([
      ['of another agent', () => ({ agent: randomUUID() })],
      ['of another enrolment', () => ({ enrolment: randomUUID() })],
      ['of an order that was never given', (agent) => ({ epoch: agent.epoch + 1 })],
      ['with a revision beyond any list', () => ({ objectsRevision: 2 ** 60 })],
    ])('%s ends the channel and changes nothing', async (_name, change) => {
      const agent = await site.connected();
      await site.act(isolate, { entity_id: agent.id });
      await agent.ordered();
      agent.channel.report(agent, { isolation: 'isolated', proof, ...change(agent) });
      expect(await agent.channel.next('refused')).toMatchObject({
        reason: 'frame-invalid',
        message: 'A frame could not be handled. The server log has the cause.',
      });
      expect(await site.statusOf(agent)).toBe('endpoint_isolation_pending');
    });

    it('signed by somebody else ends the channel and changes nothing', async () => {
      const agent = await site.connected();
      await site.act(isolate, { entity_id: agent.id });
      await agent.ordered();
      agent.channel.report(agent, { isolation: 'isolated' }, generateKeyPairSync('ed25519').privateKey);
      expect((await agent.channel.next('refused')).reason).toBe('frame-invalid');
      expect(await site.statusOf(agent)).toBe('endpoint_isolation_pending');
    });
  });

  describe('a break-glass code', () => {
    it('is for what the endpoint holds, also when its release is ordered and it cannot be reached', async () => {
      const agent = await site.connected();
      await site.act(isolate, { entity_id: agent.id });
      const held = await agent.obey();
      const codes = async (): Promise<string[]> => {
        const found = await site.console.agents.breakGlassCodes(agent.id);
        const { enrolment } = agent;
        return found.codes.map(
          ({ code, epoch, isolation }) =>
            `${isolation} ${epoch} ${breakGlassDigest(code, { agent: agent.id, enrolment, epoch })}`,
        );
      };
      const reported = `reported ${held.epoch} ${held.breakGlass}`;
      expect(await codes()).toEqual([reported]);
      await agent.channel.close();
      await site.act(restore, { entity_id: agent.id });
      expect(await codes()).toEqual([reported]);
      await site.act(isolate, { entity_id: agent.id });
      expect(await codes()).toEqual([reported, expect.stringMatching(new RegExp(`^desired ${held.epoch + 2} `))]);
      await agent.connect(site.server);
      const newest = await agent.obey();
      expect(await codes()).toEqual([`reported ${newest.epoch} ${newest.breakGlass}`]);
    });

    it('is refused for an endpoint that is not isolated and has said so', async () => {
      const agent = await site.connected();
      await agent.report({ isolation: 'normal' });
      await expect(site.console.agents.breakGlassCodes(agent.id)).rejects.toThrow(
        'is not isolated, and has reported so, so there is nothing to release.',
      );
    });
  });

  describe('an agent whose order is newer than the server knows', () => {
    it('is overtaken, so that it follows again', async () => {
      const agent = await site.enrol();
      agent.epoch = 40;
      await agent.connect(site.server);
      expect(await agent.obey()).toMatchObject({ epoch: 41, isolation: 'normal' });
      await site.act(isolate, { entity_id: agent.id });
      expect(await agent.obey()).toMatchObject({ epoch: 42, isolation: 'isolated' });
      const { lines } = await site.console.audit.list({ limit: 1000 });
      const line = lines.find((one) => one.act === 'overtake-epoch' && one.target.startsWith(agent.id));
      expect(line?.detail).toMatch(/^the agent follows epoch 40 of \S+, this database has 1 of \S+: was it restored/);
    });

    it('is overtaken as well when it follows another desired state of the same epoch, in both directions', async () => {
      for (const [held, asked] of [
        ['normal', isolate],
        ['isolated', 'cmd_restore_isolated_agent'],
      ] as const) {
        const agent = await site.connected();
        if (held === 'isolated') {
          await site.act(isolate, { entity_id: agent.id });
          await agent.obey();
        }
        await site.act(asked, { entity_id: agent.id });
        const { epoch, isolation } = await agent.ordered();
        // It got exactly one order since the backup, which this database does not have.
        agent.issuedAt -= 1000;
        await agent.connect(site.server);
        expect(await agent.obey()).toMatchObject({ epoch: epoch + 1, isolation });
        const { lines } = await site.console.audit.list({ limit: 1000 });
        expect(lines.some((one) => one.act === 'overtake-epoch' && one.target.startsWith(agent.id))).toBe(true);
      }
    });

    it.each([Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1])(
      'beyond belief (%d) is refused, and the list goes on',
      async (epoch) => {
        const agent = await site.enrol();
        const channel = await agent.knock(site.server);
        channel.hello(agent, { epoch });
        expect((await channel.next('refused')).reason).toBe('frame-invalid');
        await site.act(isolate, { entity_id: agent.id });
        expect(await site.statusOf(agent)).toBe('endpoint_isolation_pending');
      },
    );
  });

  describe('uninstalling', () => {
    it('ends with a farewell that takes the agent off the list', async () => {
      const agent = await site.connected();
      await site.act(isolate, { entity_id: agent.id });
      await agent.ordered();
      expect(contentOf(await site.act('cmd_uninstall_agent', { entity_id: agent.id }))).toHaveLength(1);
      expect(await site.listed(agent)).toBeDefined();
      expect(await agent.ordered()).toMatchObject({ installed: false });
      await agent.report({ installed: false });
      expect(await site.listed(agent)).toBeUndefined();
      expect(contentOf(await site.get(`${agentsPath}?host_name=${agent.facts.hostName}`))).toEqual([]);
      expect(await stateOf(agent, 'uninstall')).toEqual(['done', null]);
      expect(await stateOf(agent, 'isolate')).toEqual(['superseded', 'the agent was uninstalled']);
      await agent.channel.close();
      const channel = await agent.knock(site.server);
      channel.hello(agent);
      expect((await channel.next('refused')).reason).toBe('agent-unknown');
    });

    it('that nobody ordered leaves the agent on the list', async () => {
      const agent = await site.connected();
      await agent.report({ installed: false });
      expect(await site.listed(agent)).toBeDefined();
    });
  });

  describe('relocating', () => {
    it('within the server moves the agent to the folder, and is done with its next report', async () => {
      const agent = await site.connected();
      const server = contentOf(await site.get(serversPath))[0]?.['entity_id'];
      const change = { relocate_to_server_id: server, relocate_to_folder_path: '\\NewDomain\\NewFolder' };
      const answer = await site.act('cmd_relocate_agent', { entity_id: agent.id, ...change });
      expect(contentOf(answer)).toEqual([expect.objectContaining({ folder_path: 'Workgroup' })]);
      expect(await site.listed(agent)).toMatchObject({
        folder_path: 'NewDomain\\NewFolder',
        managing_server_id: server,
        isolation_status: 'normal',
      });
      await agent.obey();
      expect(await stateOf(agent, 'relocate')).toEqual(['done', null]);
    });

    it('by the folder alone does', async () => {
      const agent = await site.enrol();
      await site.act('cmd_relocate_agent', { entity_id: agent.id, relocate_to_folder_path: 'Elsewhere' });
      expect(await site.listed(agent)).toMatchObject({ folder_path: 'Elsewhere' });
    });
  });

  describe('the list of objects', () => {
    it('reaches an agent in pages that it asks for, and changes are announced', async () => {
      const agent = await site.connected();
      const param = { type: 'ip', content: '198.51.100.1', scan_action: 'block' };
      await site.send('PUT', objectsPath, { param });
      const { revision } = await agent.channel.next('objects-changed');
      agent.channel.sendText(JSON.stringify({ frame: 'objects-after', revision: 0 }));
      const { page } = await agent.channel.next('objects');
      const value = JSON.parse(page.document);
      expect(value).toMatchObject({ after: 0, revision, more: false });
      expect(value.put).toContainEqual({
        type: 'ip',
        content: '198.51.100.1',
        action: 'block',
        size: null,
        sha256: null,
        expiresAt: null,
      });
    });
  });
});
