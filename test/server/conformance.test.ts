/** What deployed clients send and read, rule by rule (contract 8), and answers as the guides print them, key by key. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseKinds } from '../harness/databases.ts';
import type { FakeAgent } from './fake-agent.ts';
import { Site, agentsPath, contentOf, dataOf, filePath, objectsPath, serversPath } from './site.ts';
import { send } from './wire.ts';
import type { Answer, Signing } from './wire.ts';

describe.each(databaseKinds())('on $name', (kind) => {
  let site: Site;
  let agent: FakeAgent;
  let query: string;

  beforeAll(async () => {
    site = await Site.open(kind);
    const addresses = ['192.0.2.10', '2001:db8::10'];
    const macs = ['00-0C-29-9B-AB-65', '00-0C-29-9B-AB-66'];
    agent = await site.connected({ addresses, macs, adDomain: 'corp.example' });
    query = `?host_name=${agent.facts.hostName}`;
  });
  afterAll(() => site.close());

  async function found(path: string, signing?: Signing): Promise<unknown[]> {
    const answer = await site.call({ method: 'GET', path }, signing);
    return contentOf(answer).map((one) => one['entity_id']);
  }

  async function put(param: object): Promise<number> {
    return (await site.send('PUT', objectsPath, { param })).status;
  }

  async function listed(content: string): Promise<Record<string, unknown> | undefined> {
    const path = `${objectsPath}?type=&contentFilter=${encodeURIComponent(content)}`;
    return dataOf(await site.get(path))[0];
  }

  async function matching(part: string): Promise<number> {
    return dataOf(await site.get(`${objectsPath}?type=url&contentFilter=${encodeURIComponent(part)}`)).length;
  }

  function removeNarrow(more: string): Promise<Answer> {
    return site.call({ method: 'DELETE', path: `${objectsPath}?type=DOMAIN&content=narrow.EXAMPLE${more}` });
  }

  describe('a token', () => {
    it('may carry a fraction in iat, or none (rule 1)', async () => {
      const seconds = Date.now() / 1000;
      for (const issuedAt of [Math.trunc(seconds), Math.trunc(seconds) + 0.123456]) {
        expect(await found(agentsPath + query, { issuedAt })).toEqual([agent.id]);
      }
    });

    it.each([
      ['checksum', 'checkSum'],
      ['checksum', 'CHECKSUM'],
      ['appid', 'AppId'],
      ['iat', 'IAT'],
    ])('may spell its claim %s as %s (rule 16)', async (from, to) => {
      expect(await found(agentsPath + query, { rename: { [from]: to } })).toEqual([agent.id]);
    });

    it.each([
      ['HS384', 'sha384'],
      ['HS512', 'sha512'],
    ] as const)('may be signed with %s (rule 16)', async (alg, hash) => {
      expect(await found(agentsPath + query, { header: { alg }, hash })).toEqual([agent.id]);
    });

    it('names its application in any letter case', async () => {
      const claims = { appid: site.keys.applicationId.toLowerCase() };
      expect(await found(agentsPath + query, { claims })).toEqual([agent.id]);
    });
  });

  describe('the bytes that were signed', () => {
    it('are the body as it came, blanks, order and escapes included (rule 2)', async () => {
      const name = agent.facts.hostName.replace('P', String.raw`\u0050`);
      const body = `{ "host_name" :"${name}","act": "cmd_restore_isolated_agent",\r\n"allow_multiple_match":true }`;
      expect(contentOf(await site.call({ method: 'POST', path: agentsPath, body }))).toHaveLength(1);
    });

    it('are the path and query as they stood on the wire, escapes included (rule 13)', async () => {
      const escaped = agent.facts.hostName.replace('P', '%50');
      expect(await found(`${agentsPath}?host_name=${escaped}`)).toEqual([agent.id]);
      expect(await found(`${agentsPath}?host_name=no%20such%2fname%C3%A9`)).toEqual([]);
    });

    it('include the headers whose names start with API, sorted and joined (rule 16)', async () => {
      const headers = { 'API-Version': ' v1 ', 'api-trace': 'a1', 'X-Api': 'left out' };
      const raw = { method: 'GET', path: agentsPath + query, headers };
      const answer = await site.call(raw, { canonicalHeaders: 'api-trace:a1&api-version:v1' });
      expect(contentOf(answer)).toHaveLength(1);
    });

    it('may have one slash in front where two were sent, or two as sent (rule 5)', async () => {
      for (const path of [agentsPath, `/${agentsPath}`]) {
        expect(await found(`/${agentsPath}${query}`, { path: path + query })).toEqual([agent.id]);
      }
      const put2 = {
        method: 'PUT',
        path: `/${objectsPath}`,
        body: '{"param":{"type":"ip","content":"192.0.2.5","scan_action":"log"}}',
      };
      expect((await site.call(put2, { path: objectsPath })).status).toBe(200);
      const upload = JSON.stringify({ file_name: 'a', file_content_base64_string: 'YQ==', file_scan_action: 'log' });
      expect((await site.call({ method: 'PUT', path: `/${filePath}`, body: upload }, { path: filePath })).status).toBe(
        200,
      );
    });

    it('leave out a lone question mark', async () => {
      const answer = await site.call({ method: 'GET', path: `${agentsPath}?` }, { path: agentsPath });
      expect(contentOf(answer)).toContainEqual(expect.objectContaining({ entity_id: agent.id }));
    });
  });

  describe('a path', () => {
    it.each([agentsPath, serversPath])('%s may end in a slash, which is signed as sent (rule 3)', async (path) => {
      expect((await site.get(`${path}/`)).status).toBe(200);
      expect((await site.get(path)).status).toBe(200);
    });

    it('of the objects and of the file, too (rule 3)', async () => {
      expect((await site.get(objectsPath.slice(0, -1))).status).toBe(200);
      const body = { file_name: 'a', file_content_base64_string: 'YQ==', file_scan_action: 'log' };
      expect((await site.send('PUT', `${filePath}/`, body)).status).toBe(200);
    });

    it.each([
      '/WebApp/api/AgentResource/ProductAgents',
      '/webapp/api/agentresource/productagents',
      '/WEBAPP/API/AGENTRESOURCE/PRODUCTAGENTS/',
      '/WebApp/API/V1/AgentResource/ProductAgents',
      '/WebApp/api/v1/AgentResource/ProductAgents',
      '/WebApp//API/AgentResource/ProductAgents',
    ])('%s is the list of agents (rule 6)', async (path) => {
      expect(await found(path + query)).toEqual([agent.id]);
    });

    it.each(['/WebApp/API/SuspiciousObjects/UserDefinedSO', '/WebApp/api/v1/SuspiciousObjects/UserDefinedSO/'])(
      '%s is the list of objects (rule 6)',
      async (path) => {
        expect(dataOf(await site.get(path))).toBeInstanceOf(Array);
      },
    );

    it('of the file is served under both letter cases (rule 6)', async () => {
      const body = { file_name: 'a', file_content_base64_string: 'YQ==', file_scan_action: 'log' };
      expect((await site.send('PUT', '/WebApp/api/suspiciousobjectresource/fileudso', body)).status).toBe(200);
    });

    it('that is the bare base answers a connection test (rule 20)', async () => {
      const answer = await send(site.server, { method: 'GET', path: '/' });
      expect(answer.status).toBe(200);
    });
  });

  describe('a body', () => {
    it.each([agentsPath, serversPath, objectsPath])('of two characters may come with GET %s (rule 8)', async (path) => {
      for (const headers of [{}, { 'Content-Type': 'application/json;charset=utf-8' }]) {
        expect((await site.call({ method: 'GET', path, body: '""', headers })).status).toBe(200);
      }
    });

    it('of a GET is signed, so a changed one is refused (rule 8)', async () => {
      const answer = await site.call({ method: 'GET', path: agentsPath, body: '""' }, { body: '' });
      expect(answer.status).toBe(401);
    });

    it('may come with DELETE beside the query, which is what counts (rule 8)', async () => {
      expect(await put({ type: 'ip', content: '192.0.2.8', scan_action: 'log' })).toBe(200);
      const path = `${objectsPath}?type=ip&content=192.0.2.8`;
      const body = JSON.stringify({ param: { type: 'ip', content: '192.0.2.9' } });
      expect((await site.call({ method: 'DELETE', path, body })).status).toBe(200);
      expect(await listed('192.0.2.8')).toBeUndefined();
    });

    it.each([
      'application/json;charset=utf-8',
      'application/x-www-form-urlencoded',
      'text/plain',
      'multipart/form-data; boundary=x',
      'nonsense',
      undefined,
    ])('is JSON whatever its type says: %s (rule 11)', async (type) => {
      const headers = type === undefined ? {} : { 'Content-Type': type };
      const body = JSON.stringify({
        act: 'cmd_restore_isolated_agent',
        allow_multiple_match: true,
        entity_id: agent.id,
      });
      expect(contentOf(await site.call({ method: 'POST', path: agentsPath, body, headers }))).toHaveLength(1);
      const param = { type: 'ip', content: '192.0.2.11', scan_action: 'log' };
      const added = await site.call({ method: 'PUT', path: objectsPath, body: JSON.stringify({ param }), headers });
      expect(added.status).toBe(200);
      const file = { file_name: 'a', file_content_base64_string: 'YQ==', file_scan_action: 'log' };
      expect((await site.call({ method: 'PUT', path: filePath, body: JSON.stringify(file), headers })).status).toBe(
        200,
      );
    });
  });

  describe('selecting agents', () => {
    const selections: [string, () => string][] = [
      ['entity_id in upper case', () => `entity_id=${agent.id.toUpperCase()}`],
      ['host_name in another case', () => `host_name=${agent.facts.hostName.toLowerCase()}`],
      ['the first address', () => 'ip_address=192.0.2.10'],
      ['the second address, spelt otherwise', () => 'ip_address=2001:0db8:0:0::10'],
      ['the first MAC', () => 'mac_address=00-0C-29-9B-AB-65'],
      ['the second MAC, with colons', () => 'mac_address=00:0c:29:9b:ab:66'],
      ['the product and an address', () => 'product=slf_product_officescan_ce&ip_address=192.0.2.10'],
    ];
    it.each(selections)('by %s finds it (rule 23)', async (_name, parameter) => {
      expect(await found(`${agentsPath}?${parameter()}`)).toEqual([agent.id]);
    });

    it('by two parts that no agent has together finds none', async () => {
      expect(await found(`${agentsPath}?host_name=other&ip_address=192.0.2.10`)).toEqual([]);
    });

    it('by its server finds it', async () => {
      const server = contentOf(await site.get(agentsPath + query))[0]?.['managing_server_id'];
      expect(
        await found(`${agentsPath}?managing_server_id=${String(server).toLowerCase()}&ip_address=192.0.2.10`),
      ).toEqual([agent.id]);
      expect(await found(`${agentsPath}?managing_server_id=${agent.id}`)).toEqual([]);
    });

    it('takes empty parameters for absent (rule 12)', async () => {
      expect(await found(`${agentsPath}${query}&ip_address=&mac_address=&entity_id=&product=`)).toEqual([agent.id]);
    });

    it.each(['hostname=other', 'host_name%3Dx', 'x=1&y'])('ignores unknown keys: %s (rule 15)', async (unknown) => {
      expect(await found(`${agentsPath}${query}&${unknown}`)).toEqual([agent.id]);
      expect(await found(`${agentsPath}?${unknown}`)).toContain(agent.id);
    });

    it('in an act takes null and empty for absent (rule 9)', async () => {
      const selector = {
        host_name: agent.facts.hostName,
        entity_id: null,
        ip_address: '',
        mac_address: '',
        product: null,
      };
      expect(contentOf(await site.act('cmd_restore_isolated_agent', selector))).toHaveLength(1);
    });

    it.each([true, false, 'True', 'False', 'true'])('in an act may allow several as %j (rule 22)', async (allow) => {
      const body = { act: 'cmd_restore_isolated_agent', allow_multiple_match: allow, host_name: agent.facts.hostName };
      expect(contentOf(await site.send('POST', agentsPath, body))).toHaveLength(1);
    });

    it('in an act is by the body, whatever the query says (rule 22)', async () => {
      const body = { act: 'cmd_restore_isolated_agent', allow_multiple_match: true, host_name: agent.facts.hostName };
      const answer = await site.send('POST', `${agentsPath}?host_name=other&x=%20`, body);
      expect(contentOf(answer)).toHaveLength(1);
    });

    it('that match nothing is a success with an empty list', async () => {
      const answer = await site.act('cmd_isolate_agent', { host_name: 'nobody' });
      expect(answer.text).toBe('{"result_code":1,"result_description":"Operation successful","result_content":[]}');
    });
  });

  describe('an answer', () => {
    it('with agents is the envelope of the guide, its fields in the order of the guide, and two more', async () => {
      const answer = await site.get(agentsPath + query);
      const one = contentOf(answer)[0] ?? {};
      expect(one['last_registration_time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
      expect(answer.text).toBe(
        JSON.stringify({
          result_code: 1,
          result_description: 'Operation successful',
          result_content: [
            {
              entity_id: agent.id,
              product: 'SLF_PRODUCT_OFFICESCAN_CE',
              managing_server_id: one['managing_server_id'],
              ad_domain: 'corp.example',
              folder_path: 'Workgroup',
              ip_address_list: '192.0.2.10,2001:db8::10',
              mac_address_list: '00-0C-29-9B-AB-65,00-0C-29-9B-AB-66',
              host_name: agent.facts.hostName,
              isolation_status: 'normal',
              capabilities: [
                'cmd_restore_isolated_agent',
                'cmd_isolate_agent',
                'cmd_relocate_agent',
                'cmd_uninstall_agent',
              ],
              last_registration_time: one['last_registration_time'],
              connection_status: 'Online',
            },
          ],
        }),
      );
    });

    it('to an act has the same fields in the same order, as they were before', async () => {
      const before = await site.get(agentsPath + query);
      const answer = await site.act('cmd_restore_isolated_agent', { host_name: agent.facts.hostName });
      expect(answer.text).toBe(before.text);
    });

    it('of an agent without addresses has empty strings, never null (rule 21)', async () => {
      const bare = await site.enrol();
      expect(await site.listed(bare)).toMatchObject({
        ip_address_list: '',
        mac_address_list: '',
        ad_domain: '',
        connection_status: 'Offline',
      });
    });

    it('of version 2 has the fields that its clients read, and the query in camel case (rule 25)', async () => {
      const path = '/WebApp/API/v2/AgentResource/ProductAgents';
      for (const one of [`hostName=${agent.facts.hostName}`, `entityID=${agent.id}`, 'ipAddress=192.0.2.10']) {
        expect(contentOf(await site.get(`${path}?${one}`))).toEqual([
          expect.objectContaining({
            endpointID: agent.id,
            endpointHost: agent.facts.hostName,
            endpointIP: '192.0.2.10,2001:db8::10',
            platform: 'Debian GNU/Linux 12 (bookworm)',
            connectionStatus: 'Online',
            isolationStatus: 'normal',
          }),
        ]);
      }
      expect(contentOf(await site.get(`${path}?hostName=nobody`))).toEqual([]);
      expect(contentOf(await site.get(`${path}?host_name=nobody`))).not.toEqual([]);
    });

    it('with servers is the envelope of the guide', async () => {
      const answer = await site.get(serversPath);
      const one = contentOf(answer)[0] ?? {};
      expect(answer.text).toBe(
        JSON.stringify({
          result_code: 1,
          result_description: 'Operation successful',
          result_content: [
            {
              entity_id: one['entity_id'],
              product: 'SLF_PRODUCT_OFFICESCAN_CE',
              ad_domain: '',
              ip_address_list: '127.0.0.1',
              host_name: one['host_name'],
              capabilities: [],
            },
          ],
        }),
      );
      expect(contentOf(await site.get(`${serversPath}?host_name=x`))).toEqual([]);
      expect(contentOf(await site.get(`${serversPath}?ip_address=127.0.0.1&host_name=&product=`))).toHaveLength(1);
      expect(
        contentOf(await site.get(`${serversPath}?entity_id=${String(one['entity_id']).toLowerCase()}`)),
      ).toHaveLength(1);
    });

    it('with objects is the envelope of the guide, to the byte', async () => {
      expect(
        await put({
          type: 'domain',
          content: 'byte.example',
          scan_action: 'BLOCK',
          notes: 'n',
          expiration_utc_date: '2999-01-25T09:00:00Z',
        }),
      ).toBe(200);
      const answer = await site.get(`${objectsPath}?type=domain&contentFilter=byte.example`);
      expect(answer.text).toBe(
        '{"Data":[{"type":"domain","content":"byte.example","notes":"n","scan_action":"block","expiration_utc_date":"2999-01-25T09:00:00"}],' +
          '"Meta":{"Result":1,"ErrorCode":0,"ErrorMsg":""},"PermissionCtrl":{"permission":"255","elements":null},' +
          '"FeatureCtrl":{"mode":"0"},"SystemCtrl":{"TmcmSoDist_Role":"none"}}',
      );
    });

    it('to a change of objects has no data and says success (rule 26)', async () => {
      const param = { type: 'ip', content: '192.0.2.26', scan_action: 'log' };
      const nothing =
        '{"Data":null,"Meta":{"Result":1,"ErrorCode":0,"ErrorMsg":""},"PermissionCtrl":{"permission":"255","elements":null},' +
        '"FeatureCtrl":{"mode":"0"},"SystemCtrl":{"TmcmSoDist_Role":"none"}}';
      expect((await site.send('PUT', objectsPath, { param })).text).toBe(nothing);
      const removal = { method: 'DELETE', path: `${objectsPath}?type=ip&content=192.0.2.26` };
      expect((await site.call(removal)).text).toBe(nothing);
      expect(JSON.parse((await site.call(removal)).text)).toMatchObject({
        Meta: { Result: 1, ErrorCode: 0, ErrorMsg: 'No entry matched, so nothing was removed.' },
      });
    });

    it('to a file is the one of the guide, to the byte', async () => {
      const body =
        '{"file_name": "VerySmallFile.txt", "file_content_base64_string": "MTIzMTIz", "file_scan_action": "LOG", "note": "Small file for test"}';
      const answer = await site.call({ method: 'PUT', path: filePath, body });
      expect(answer.status).toBe(200);
      expect(answer.text).toBe('{"result_code":1,"result_description":"Operation successful","result_content":null}');
      expect(await listed('601F1889667EFAEBB33B8C12572835DA3F027F78')).toEqual({
        type: 'file',
        content: '601F1889667EFAEBB33B8C12572835DA3F027F78',
        notes: 'Small file for test',
        scan_action: 'log',
        expiration_utc_date: null,
      });
    });

    it('to a stranger is JSON in the envelope of the family, with the status 401 (rule 14)', async () => {
      const [agents, objects] = [agentsPath, objectsPath].map((path) => send(site.server, { method: 'GET', path }));
      expect(JSON.parse((await agents)?.text ?? '')).toMatchObject({ result_code: -2, result_content: '' });
      expect(JSON.parse((await objects)?.text ?? '')).toMatchObject({ Meta: { Result: 0, ErrorCode: 14 } });
    });
  });

  describe('an object', () => {
    it.each([
      [undefined, null],
      [null, null],
      ['', null],
      ['2999-01-25T09:00:00Z', '2999-01-25T09:00:00'],
      ['2999-01-25T09:00Z', '2999-01-25T09:00:00'],
      ['2999-01-25T09:00U', '2999-01-25T09:00:00'],
      ['2999-01-25T09:00:00', '2999-01-25T09:00:00'],
      ['2999-01-25T09:00:00.123456', '2999-01-25T09:00:00'],
      ['2999-01-25T09:00:00+00:00', '2999-01-25T09:00:00'],
    ])('that expires at %j goes out as %j (rules 4 and 18)', async (given, shown) => {
      expect(
        await put({ type: 'domain', content: 'expiry.example', scan_action: 'log', expiration_utc_date: given }),
      ).toBe(200);
      expect((await listed('expiry.example'))?.['expiration_utc_date']).toBe(shown);
    });

    it.each(['block', 'BLOCK', 'Block'])('with the action %s has it in lower case (rule 10)', async (action) => {
      expect(await put({ type: 'domain', content: 'action.example', scan_action: action })).toBe(200);
      expect((await listed('action.example'))?.['scan_action']).toBe('block');
    });

    it('added again is updated, and moves to the front of the list', async () => {
      await put({ type: 'domain', content: 'again.example', scan_action: 'log', notes: 'first' });
      await put({ type: 'domain', content: 'later.again.example', scan_action: 'log' });
      await put({ type: 'domain', content: 'AGAIN.example', scan_action: 'block', notes: 'second' });
      const list = dataOf(await site.get(`${objectsPath}?type=domain&contentFilter=again.example`));
      expect(list.map((one) => [one['content'], one['notes'], one['scan_action']])).toEqual([
        ['again.example', 'second', 'block'],
        ['later.again.example', '', 'log'],
      ]);
    });

    it('is found by part of its content in any letter case, percent and underscore meaning themselves', async () => {
      await put({ type: 'url', content: 'http://Filter.example/a_b%25É', scan_action: 'log' });
      await put({ type: 'url', content: 'http://filter.example/axb', scan_action: 'log' });
      expect(await matching('FILTER.EXAMPLE')).toBe(2);
      expect(await matching('a_b')).toBe(1);
      expect(await matching('%25É')).toBe(1);
      expect(await matching('a%b')).toBe(0);
      expect(await matching('\\')).toBe(0);
    });

    it('is of every type when none is asked for (rule 12)', async () => {
      await put({ type: 'file_sha1', content: 'A'.repeat(40), scan_action: 'log' });
      for (const path of [objectsPath, `${objectsPath}?type=&contentFilter=`]) {
        const types = dataOf(await site.get(path)).map((one) => one['type']);
        expect(types).toEqual(expect.arrayContaining(['ip', 'file_sha1', 'domain']));
      }
    });

    it('is removed only if the narrowing fits', async () => {
      await put({ type: 'domain', content: 'narrow.example', scan_action: 'log', notes: 'mine' });
      for (const more of ['&notes=yours', '&scan_action=block', '&expiration_utc_date=2999-01-01T00:00Z']) {
        expect((await removeNarrow(more)).status).toBe(200);
        expect(await listed('narrow.example')).toBeDefined();
      }
      await removeNarrow('&notes=mine&scan_action=LOG&expiration_utc_date=');
      expect(await listed('narrow.example')).toBeUndefined();
    });

    it('of type file may bring its content in base64', async () => {
      expect(await put({ type: 'file', content: 'aGVsbG8=', scan_action: 'quarantine' })).toBe(200);
      expect(await listed('AAF4C61DDCC5E8A2DABEDE0F3B482CD9AEA9434D')).toMatchObject({
        type: 'file',
        scan_action: 'quarantine',
      });
    });
  });
});
