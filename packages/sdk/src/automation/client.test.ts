/** The client against a real TLS server that verifies every signature with independent code. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refused, result, startStub } from '../../../../test/cli/stub-server.ts';
import type { Stub } from '../../../../test/cli/stub-server.ts';
import { Client } from './client.ts';
import type { ClientOptions } from './client.ts';
import { CordonError, NetworkError, ProtocolError, RefusedError } from '../errors.ts';
import { pinnedTransport } from '../node/index.ts';

let stub: Stub;
beforeEach(async () => {
  stub = await startStub();
});
afterEach(async () => {
  await stub.close();
});

function client(options: Partial<ClientOptions> = {}): Client {
  const { url, applicationId, apiKey, fingerprint } = stub;
  return new Client({ url, applicationId, apiKey, transport: pinnedTransport({ fingerprint }), ...options });
}

describe('agents', () => {
  it('are listed in Cordon words, whatever the layout of their IDs', async () => {
    const agents = await client().agents.list();
    expect(agents.map(({ hostName, isolation, connection }) => [hostName, isolation, connection])).toEqual([
      ['client01', 'normal', 'Online'],
      ['OSCECLIENT', 'normal', null],
      ['host8', 'unsupported', null],
    ]);
    expect(agents[1]).toMatchObject({
      entityId: '8a1a84550462-40bc9afc-3770-16ac-cd6c',
      addresses: ['192.168.121.132', 'fe80::1'],
      capabilities: ['release', 'isolate', 'relocate', 'uninstall'],
    });
  });

  it('are selected by queries whose encoded form is signed', async () => {
    await client().agents.list({ hostName: "PC 01 & 'co' (ä)*!", macAddress: '00:0c:29:9b:ab:65' });
    expect(stub.seen[0]?.url).toBe(
      '/WebApp/API/AgentResource/ProductAgents?host_name=PC%2001%20%26%20%27co%27%20%28%C3%A4%29%2A%21' +
        '&mac_address=00-0C-29-9B-AB-65',
    );
  });

  it('are isolated with the very request of the guide, and answered as they were before', async () => {
    const before = await client().agents.isolate({ hostName: 'client01' });
    expect(before.map((agent) => agent.isolation)).toEqual(['normal']);
    expect(stub.seen[0]).toEqual({
      method: 'POST',
      url: '/WebApp/API/AgentResource/ProductAgents',
      contentType: 'application/json;charset=utf-8',
      body: '{"host_name":"client01","act":"cmd_isolate_agent","allow_multiple_match":false}',
    });
  });

  it('that cannot be isolated give an empty list', async () => {
    expect(await client().agents.isolate({ hostName: 'host8' })).toEqual([]);
  });

  it('are relocated with server and folder', async () => {
    await client().agents.relocate({ hostName: 'client01' }, { toServerId: 'S', toFolder: '\\New' });
    expect(JSON.parse(stub.seen[0]?.body ?? '')).toEqual({
      host_name: 'client01',
      act: 'cmd_relocate_agent',
      allow_multiple_match: false,
      relocate_to_server_id: 'S',
      relocate_to_folder_path: '\\New',
    });
  });

  it('are never all selected by accident', async () => {
    const acting = client().agents.uninstall({ hostName: '', entityId: undefined });
    await expect(acting).rejects.toMatchObject({ kind: 'usage', message: 'No agent was named.' });
    expect(stub.seen).toEqual([]);
  });

  it.each(['HS384', 'HS512'] as const)('can be listed with %s', async (algorithm) => {
    expect(await client({ algorithm }).agents.list()).toHaveLength(3);
  });

  it('are read under the status name that the guide has in its prose', async () => {
    stub.answers.push(result([{ host_name: 'x', isolated_status: 'isolated', surprise: { a: 1 } }, 7, null]));
    expect(await client().agents.list()).toMatchObject([{ hostName: 'x', isolation: 'isolated', capabilities: [] }]);
  });
});

describe('the URL of the server', () => {
  it.each(['/', '//', '/WebApp/', '/webapp/login.html#/x'])('may end with %s', async (end) => {
    expect(await client({ url: stub.url + end }).servers.list()).toHaveLength(2);
  });

  it.each([
    ['cordon.example', '"cordon.example" is not the URL of a server.'],
    ['ftp://cordon.example', '"ftp://cordon.example" is not the URL of a server.'],
    ['http://cordon.example', 'cordon.example would be reached without encryption.'],
    ['https://a:b@cordon.example', 'The URL carries a user name or password.'],
  ])('%s is refused', (url, message) => {
    expect(() => client({ url })).toThrow(message);
  });
});

describe('suspicious objects', () => {
  it('are listed, added, found and removed', async () => {
    const { objects } = client();
    expect(await objects.list({ type: 'ip' })).toEqual([
      {
        type: 'ip',
        content: '203.0.113.9',
        action: 'block',
        notes: 'seen in a campaign',
        expires: '2027-01-01T00:00:00',
      },
    ]);
    const expires = new Date(Date.UTC(2027, 0, 25, 9));
    await objects.add({ type: 'url', content: 'http://bad.example/?a=b|c', action: 'log', notes: 'n', expires });
    expect(stub.seen[1]?.body).toBe(
      '{"param":{"type":"url","content":"http://bad.example/?a=b|c","scan_action":"log","notes":"n",' +
        '"expiration_utc_date":"2027-01-25T09:00:00Z"}}',
    );
    expect(await objects.list({ contentFilter: 'bad.example' })).toHaveLength(1);
    await objects.remove({ type: 'url', content: 'http://bad.example/?a=b|c' });
    expect(await objects.list({ contentFilter: 'bad.example' })).toEqual([]);
  });

  it.each(['', 'Success', 'success.', 'Operation successful'])(
    'are removed when the remark is %j',
    async (ErrorMsg) => {
      stub.answers.push({
        status: 200,
        body: JSON.stringify({ Data: null, Meta: { Result: 1, ErrorCode: 0, ErrorMsg } }),
      });
      expect(await client().objects.remove({ type: 'ip', content: '203.0.113.9' })).toEqual({ removed: true });
    },
  );

  it('that are not there are not removed, whether a remark or a failure says so', async () => {
    const object = { type: 'ip', content: '192.0.2.1' } as const;
    expect(await client().objects.remove(object)).toEqual({ removed: false });
    const Meta = { Result: 0, ErrorCode: 8, ErrorMsg: 'Data not found.' };
    stub.answers.push({ status: 500, body: JSON.stringify({ Data: null, Meta }) });
    await expect(client().objects.remove(object)).rejects.toMatchObject({
      kind: 'refused',
      family: 'meta',
      httpStatus: 500,
      code: 8,
      message: 'The server refused: Data not found.',
    });
  });

  it('are made of files in memory, as the guide does it', async () => {
    const content = new TextEncoder().encode('123123');
    const added = await client().objects.addFile({ name: 'VerySmallFile.txt', content, action: 'log', note: 'Small' });
    expect(added.sha1).toBe('601F1889667EFAEBB33B8C12572835DA3F027F78');
    expect(stub.seen[0]?.body).toBe(
      '{"file_name":"VerySmallFile.txt","file_content_base64_string":"MTIzMTIz","file_scan_action":"LOG","note":"Small"}',
    );
  });
});

describe('a failure', () => {
  it('that comes with HTTP 200 is one all the same', async () => {
    stub.answers.push(refused(200, -102, 'Several agents match.'));
    await expect(client().agents.list()).rejects.toMatchObject({
      kind: 'refused',
      code: -102,
      reasons: ['several-match', 'guard-too-many'],
      hint: expect.stringMatching(/^If several agents match, name one .* if the guard holds the act, a second person/),
    });
  });

  it('of the guard over a protected endpoint differs from all others', async () => {
    stub.answers.push(refused(400, -103, 'client01 is protected.'));
    await expect(client().agents.isolate({ hostName: 'client01' })).rejects.toMatchObject({
      reasons: ['guard-protected'],
      hint: 'A second person must approve it.',
    });
  });

  it('whose code several reasons share is recognised by the HTTP status too', async () => {
    const Meta = { Result: 0, ErrorCode: 7, ErrorMsg: 'content is not a URL.' };
    stub.answers.push(refused(400, -21, 'No.'), { status: 400, body: JSON.stringify({ Data: null, Meta }) });
    await expect(client().agents.list()).rejects.toMatchObject({ reasons: ['parameter-invalid'], hint: '' });
    await expect(client().objects.list()).rejects.toMatchObject({ hint: '' });
  });

  it.each([
    ['numbers as text', { Result: '0', ErrorCode: '7', ErrorMsg: 'Bad.' }, 7],
    ['the names of another family', { result: 0, errorCode: 13, errorMessgae: 'Twice.' }, 13],
    ['a code beside Result 1', { Result: 1, ErrorCode: 5, ErrorMsg: '' }, 5],
  ])('in Meta is seen through %s', async (_name, Meta, code) => {
    stub.answers.push({ status: 200, body: JSON.stringify({ Data: null, Meta }) });
    await expect(client().objects.list()).rejects.toMatchObject({ kind: 'refused', family: 'meta', code });
  });

  it('is not seen in success that is spelt with text', async () => {
    const body = { Data: [], Meta: { Result: '1', ErrorCode: '0', ErrorMsg: 'Success' } };
    stub.answers.push({ status: 206, body: JSON.stringify(body) });
    expect(await client().objects.list()).toEqual([]);
  });

  it('over a wrong key says what to check, and never the key', async () => {
    const error = await failureOf(client({ apiKey: 'CCCCCCCC-wrong' }).agents.list());
    expect(error).toBeInstanceOf(RefusedError);
    expect(error.hint).toBe('Check the API key; it may have been rotated since.');
    expect(JSON.stringify(error) + error.message + String(error.stack)).not.toContain('CCCCCCCC');
  });

  it('over clocks says how far they differ', async () => {
    const late = { now: () => Date.now() - 312_000 };
    expect((await failureOf(client(late).agents.list())).hint).toMatch(
      /^The clock of this computer is 31[123] s behind that of the server; synchronize both with a time server\.$/,
    );
    stub.answers.push(refused(401, -6, 'Expired.'));
    expect((await failureOf(client().agents.list())).hint).toMatch(/^The clocks agree, so the request took too long/);
  });

  it('that is no answer of this API shows its first 200 characters', async () => {
    const body = `<html>${'x'.repeat(500)}`;
    stub.answers.push({ status: 502, body });
    const error = await failureOf(client({ retries: { attempts: 1 } }).agents.list());
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ httpStatus: 502, excerpt: body.slice(0, 200) });
    expect(error.hint).toBe('A proxy or the server itself is failing; look at their logs.');
  });

  it('is JSON of no known envelope', async () => {
    stub.answers.push({ status: 200, body: '{"ok":true}' }, { status: 200, body: '"text"' });
    await expect(client().agents.list()).rejects.toBeInstanceOf(ProtocolError);
    await expect(client().agents.list()).rejects.toBeInstanceOf(ProtocolError);
  });

  it('is a redirect, which is not followed', async () => {
    stub.answers.push({ status: 302, body: '', headers: { Location: 'https://elsewhere.example/' } });
    const error = await failureOf(client().agents.list());
    expect(error.message).toBe(`${new URL(stub.url).host} redirects to https://elsewhere.example/.`);
    expect(stub.seen).toHaveLength(1);
  });

  it('of the network names the host and what to check', async () => {
    const { url } = stub;
    await stub.close();
    const error = await failureOf(client({ url }).agents.list());
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ code: 'ECONNREFUSED', message: `Nothing listens at ${new URL(url).host}.` });
  });

  it('by fetch has the same message', async () => {
    const { url, applicationId, apiKey } = stub;
    const error = await failureOf(new Client({ url, applicationId, apiKey }).agents.list());
    expect(error).toMatchObject({ kind: 'network', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(error.hint).toMatch(/^Pin the server's certificate by its fingerprint/);
  });

  it('by the caller is reported as such', async () => {
    const ended = AbortSignal.abort();
    await expect(client().agents.list({}, { signal: ended })).rejects.toMatchObject({ kind: 'aborted' });
  });
});

async function failureOf(call: Promise<unknown>): Promise<CordonError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CordonError) return error;
  throw new Error('The call did not fail as it should.', { cause: error });
}
