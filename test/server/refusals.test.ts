/** What is refused: with the documented code in the right envelope, a sentence to act on, one audit line, no change. */
/* oxlint-disable vitest/expect-expect -- expectResult and expectMeta hold all that is promised of a refusal */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { databaseKinds } from '../harness/databases.ts';
import { Site, agentsPath, filePath, objectsPath, serversPath } from './site.ts';
import { call, send } from './wire.ts';
import type { Answer, Keys, RawRequest, Signing } from './wire.ts';

const uploadLimit = 1000;

describe.each(databaseKinds())('on $name', (kind) => {
  let site: Site;
  let source: string;
  let before: string;

  beforeAll(async () => {
    site = await Site.open(kind, { CORDON_UPLOAD_LIMIT: String(uploadLimit) });
    const agent = await site.connected({ product: 'SEVERAL' });
    await site.enrol({ product: 'SEVERAL' });
    await site.act('cmd_isolate_agent', { entity_id: agent.id });
    await agent.obey();
    const param = { type: 'ip', content: '203.0.113.7', scan_action: 'log' };
    await site.send('PUT', objectsPath, { param });
  });
  afterAll(() => site.close());
  beforeEach(async () => {
    source = site.newSource();
    before = await site.state();
  });

  function signed(raw: RawRequest, signing?: Signing): Promise<Answer> {
    return site.call({ ...raw, from: source }, signing);
  }

  function callAs(keys: Keys, raw: RawRequest): Promise<Answer> {
    return call(site.server, keys, { ...raw, from: source });
  }

  function put(param: object): Promise<Answer> {
    return signed({ method: 'PUT', path: objectsPath, body: JSON.stringify({ param }) });
  }

  function post(body: unknown): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return signed({ method: 'POST', path: agentsPath, body: text });
  }

  /** Checks everything promised of a refusal in the "result" family. */
  async function expectResult(
    answer: Answer,
    code: [status: number, code: number],
    why: [reason: string, message: string],
  ) {
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.text).toBe(JSON.stringify({ result_code: code[1], result_description: why[1], result_content: '' }));
    expect(answer.status).toBe(code[0]);
    await site.expectOneLine(source, why[0], why[1].replaceAll('\u0000', ''));
    expect(await site.state()).toBe(before);
  }

  /** The same in the Data/Meta family. */
  async function expectMeta(
    answer: Answer,
    code: [status: number, code: number],
    why: [reason: string, message: string],
  ) {
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.text).toBe(
      JSON.stringify({
        Data: null,
        Meta: { Result: 0, ErrorCode: code[1], ErrorMsg: why[1] },
        PermissionCtrl: { permission: '255', elements: null },
        FeatureCtrl: { mode: '0' },
        SystemCtrl: { TmcmSoDist_Role: 'none' },
      }),
    );
    expect(answer.status).toBe(code[0]);
    await site.expectOneLine(source, why[0], why[1].replaceAll('\u0000', ''));
    expect(await site.state()).toBe(before);
  }

  /** Both families, each from an address of its own. */
  async function expectBoth(
    ask: (raw: RawRequest) => Promise<Answer>,
    codes: { status: number; result: number; meta: number },
    why: [reason: string, message: string],
  ) {
    await expectResult(await ask({ method: 'GET', path: agentsPath }), [codes.status, codes.result], why);
    source = site.newSource();
    await expectMeta(await ask({ method: 'GET', path: objectsPath }), [codes.status, codes.meta], why);
  }

  describe('a request whose token', () => {
    const missing: [string, string] = [
      'token-missing',
      'The request has no "Authorization: Bearer <token>" header. Sign each request with the application\'s API key.',
    ];

    it('is missing', async () => {
      await expectBoth(
        (raw) => send(site.server, { ...raw, from: source }),
        { status: 401, result: -2, meta: 14 },
        missing,
      );
    });

    it('is of another scheme', async () => {
      const headers = { Authorization: 'Basic QTpC' };
      await expectBoth(
        (raw) => send(site.server, { ...raw, headers, from: source }),
        { status: 401, result: -2, meta: 14 },
        missing,
      );
    });

    it('is malformed', async () => {
      const headers = { Authorization: 'Bearer rubbish' };
      await expectBoth(
        (raw) => send(site.server, { ...raw, headers, from: source }),
        { status: 401, result: -3, meta: 15 },
        ['token-malformed', 'The token cannot be read: it is not three base64url parts joined by dots.'],
      );
    });

    it('holds a NUL, which the audit must survive', async () => {
      const claims = { '\u0000a': 1, '\u0000A': 2 };
      await expectBoth((raw) => signed(raw, { claims }), { status: 401, result: -3, meta: 15 }, [
        'token-malformed',
        'The token cannot be read: the claim "\u0000a" stands in it twice.',
      ]);
    });

    it('is of another version', async () => {
      await expectBoth((raw) => signed(raw, { claims: { version: 'V2' } }), { status: 401, result: -4, meta: 16 }, [
        'version-unsupported',
        'The token\'s "version" must be "V1".',
      ]);
    });

    it('names an application that is not there', async () => {
      const claims = { appid: '00000000-0000-0000-0000-000000000000' };
      await expectBoth((raw) => signed(raw, { claims }), { status: 401, result: -5, meta: 17 }, [
        'application-unknown',
        'No application has this ID. Copy the Application ID from the console again.',
      ]);
    });

    it('is of an application that is disabled', async () => {
      const made = await site.console.applications.add({ name: 'Playbooks', enabled: false });
      const keys: Keys = { applicationId: made.application.id, apiKey: made.apiKey };
      await expectBoth((raw) => callAs(keys, raw), { status: 401, result: -5, meta: 17 }, [
        'application-disabled',
        'The application "Playbooks" is disabled. An administrator can enable it in the console.',
      ]);
    });

    it.each([
      [
        'too long ago',
        150_000,
        /^The token was made 1\d\d s ago by this server's clock; this application allows 120 s\./,
      ],
      ['in the future', -250_000, /^The token was made 2\d\d s in the future by this server's clock; this application/],
    ])('was made %s', async (_when, age, message) => {
      const asMeta = await signed({ method: 'GET', path: objectsPath }, { age });
      const { ErrorMsg: errorMessage } = JSON.parse(asMeta.text).Meta;
      // The server decides how many seconds; on a busy machine one more passes on the way (judge.test.ts checks them).
      expect(errorMessage).toMatch(message);
      expect(errorMessage).toMatch(/Make a new token for each request, and check both clocks\.$/);
      await expectMeta(asMeta, [401, 18], ['token-expired', errorMessage]);
      source = site.newSource();
      const asResult = await signed({ method: 'GET', path: agentsPath }, { age });
      const { result_description: again } = JSON.parse(asResult.text);
      expect(again).toMatch(message);
      await expectResult(asResult, [401, -6], ['token-expired', again]);
    });

    it('is signed with another key', async () => {
      const keys = { ...site.keys, apiKey: 'AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE' };
      await expectBoth((raw) => callAs(keys, raw), { status: 401, result: -7, meta: 19 }, [
        'signature-invalid',
        'The token is not signed with the API key of this application. Check the key, and that it was not rotated since.',
      ]);
    });

    it.each(['none', 'RS256', 'hs256'])('says it is signed with "%s"', async (alg) => {
      await expectBoth((raw) => signed(raw, { header: { alg } }), { status: 401, result: -9, meta: 21 }, [
        'algorithm-unsupported',
        'The token\'s "alg" must be one of HS256, HS384, HS512.',
      ]);
    });
  });

  describe('a request that is not the one that was signed', () => {
    const message =
      'The checksum in the token does not fit this request. Hash METHOD|path and query in lower case|headers|body, over the very bytes that are sent.';

    it('in its method, path or query', async () => {
      for (const signing of [
        { method: 'POST' },
        { path: `${agentsPath}/` },
        { path: `${agentsPath}?host_name=other` },
      ]) {
        source = site.newSource();
        await expectResult(
          await signed({ method: 'GET', path: `${agentsPath}?host_name=pc` }, signing),
          [401, -8],
          ['checksum-invalid', message],
        );
      }
    });

    it('in its body, even where only a blank differs', async () => {
      const body = '{"act":"cmd_isolate_agent","allow_multiple_match":true,"product":"SEVERAL"}';
      const raw = { method: 'POST', path: agentsPath, body };
      await expectResult(
        await signed(raw, { body: body.replace(',', ', ') }),
        [401, -8],
        ['checksum-invalid', message],
      );
    });

    it('in a header whose name starts with API', async () => {
      const raw = { method: 'GET', path: objectsPath, headers: { 'Api-Trace': 'changed' } };
      await expectMeta(
        await signed(raw, { canonicalHeaders: 'api-trace:signed' }),
        [401, 20],
        ['checksum-invalid', message],
      );
    });

    it('and broken besides: the checksum is what is heard of', async () => {
      const raw = { method: 'POST', path: agentsPath, body: 'rubbish' };
      await expectResult(await signed(raw, { body: '{}' }), [401, -8], ['checksum-invalid', message]);
    });
  });

  describe('an act', () => {
    it('whose body is not JSON', async () => {
      await expectResult(
        await post('act=cmd_isolate_agent'),
        [400, -21],
        ['parameter-invalid', 'The request body is not JSON in UTF-8.'],
      );
    });

    it('whose body is not UTF-8', async () => {
      const body = Buffer.concat([Buffer.from('{"act":"'), Buffer.of(0xff), Buffer.from('"}')]);
      await expectResult(
        await signed({ method: 'POST', path: agentsPath, body }),
        [400, -21],
        ['parameter-invalid', 'The request body is not JSON in UTF-8.'],
      );
    });

    it('with a NUL in a name, which PostgreSQL cannot hold', async () => {
      await expectResult(
        await post({ act: 'cmd_isolate_agent', allow_multiple_match: true, host_name: 'a\u0000b' }),
        [400, -21],
        ['parameter-invalid', 'The request body holds a NUL character; leave it out.'],
      );
    });

    it('with half of a surrogate pair in a name, which no database gives back as it took it', async () => {
      const half = String.raw`{"act":"cmd_isolate_agent","allow_multiple_match":true,"host_name":"a\ud83d"}`;
      const message = String.raw`The request body holds half of a surrogate pair (\ud800 to \udfff alone); leave it out.`;
      await expectResult(await post(half), [400, -21], ['parameter-invalid', message]);
      const whole = await post(half.replace(String.raw`\ud83d`, String.raw`\ud83d\ude00`));
      expect(whole.text).not.toContain('surrogate');
    });

    it('without a body', async () => {
      await expectResult(
        await signed({ method: 'POST', path: agentsPath }),
        [400, -21],
        ['parameter-invalid', 'body must be object.'],
      );
    });

    it('that says no act', async () => {
      await expectResult(
        await post({ allow_multiple_match: true, host_name: 'a' }),
        [400, -21],
        ['parameter-invalid', 'body must have required properties act.'],
      );
    });

    it('that is none', async () => {
      await expectResult(
        await post({ act: 'cmd_explode', allow_multiple_match: true, product: 'SEVERAL' }),
        [400, -22],
        [
          'action-invalid',
          '"cmd_explode" is not an act. Use cmd_isolate_agent, cmd_restore_isolated_agent, cmd_relocate_agent or cmd_uninstall_agent.',
        ],
      );
    });

    it('that does not say whether several may match', async () => {
      await expectResult(
        await post({ act: 'cmd_isolate_agent', product: 'SEVERAL' }),
        [400, -21],
        ['parameter-invalid', 'body must have required properties allow_multiple_match.'],
      );
    });

    it.each(['yes', 1, null])('whose allow_multiple_match is %j', async (allow) => {
      await expectResult(
        await post({ act: 'cmd_isolate_agent', allow_multiple_match: allow, product: 'SEVERAL' }),
        [400, -21],
        [
          'parameter-invalid',
          'body/allow_multiple_match has an invalid value; GET /openapi.json shows the allowed ones.',
        ],
      );
    });

    it('that names no agent', async () => {
      await expectResult(
        await post({ act: 'cmd_isolate_agent', allow_multiple_match: true, host_name: '', entity_id: null }),
        [400, -21],
        [
          'parameter-invalid',
          'The request names no agent. Give at least one of entity_id, host_name, ip_address, mac_address and product.',
        ],
      );
    });

    it.each([false, 'False'])('on several agents when allow_multiple_match is %j', async (allow) => {
      await expectResult(
        await post({ act: 'cmd_isolate_agent', allow_multiple_match: allow, product: 'several' }),
        [400, -102],
        [
          'several-match',
          '2 agents match and allow_multiple_match is false, so nothing was done. Select one agent more exactly, or allow several.',
        ],
      );
    });

    it('that relocates to a server that is not there', async () => {
      await expectResult(
        await post({
          act: 'cmd_relocate_agent',
          allow_multiple_match: true,
          product: 'SEVERAL',
          relocate_to_server_id: 'c0ffee00-0000-0000-0000-000000000000',
          relocate_to_folder_path: '\\New',
        }),
        [400, -105],
        [
          'server-unknown',
          'No managing server has the ID C0FFEE00-0000-0000-0000-000000000000. GET ProductServers lists all of them.',
        ],
      );
    });

    it('that relocates to nowhere', async () => {
      await expectResult(
        await post({ act: 'cmd_relocate_agent', allow_multiple_match: true, product: 'SEVERAL' }),
        [400, -21],
        ['parameter-invalid', 'Relocating needs relocate_to_server_id, relocate_to_folder_path, or both.'],
      );
    });

    it('longer than any act', async () => {
      const body = JSON.stringify({ act: 'cmd_isolate_agent', host_name: 'x'.repeat(1_100_000) });
      await expectResult(
        await post(body),
        [413, -21],
        ['body-too-large', `The request body has ${body.length} bytes or more; this resource takes 1048576.`],
      );
    });
  });

  describe('a list', () => {
    it('of agents with one parameter twice', async () => {
      await expectResult(
        await signed({ method: 'GET', path: `${agentsPath}?host_name=a&host_name=b` }),
        [400, -21],
        ['parameter-invalid', 'querystring/host_name must be string.'],
      );
    });

    it('of agents with a NUL in the query', async () => {
      await expectResult(
        await signed({ method: 'GET', path: `${agentsPath}?host_name=a%00` }),
        [400, -21],
        ['parameter-invalid', 'The path or query holds a NUL character; leave it out.'],
      );
    });

    it('of objects of a type that is none', async () => {
      await expectMeta(
        await signed({ method: 'GET', path: `${objectsPath}?type=file_sha256` }),
        [400, 7],
        ['parameter-invalid', 'type is "file_sha256"; it must be ip, url, domain, file_sha1, file, or empty for all.'],
      );
    });
  });

  describe('a path', () => {
    it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('with the method %s, which it does not offer', async (method) => {
      await expectResult(
        await signed({ method, path: agentsPath }),
        [405, -50],
        ['method-unsupported', `${method} is not offered here; use GET or POST.`],
      );
    });

    it('of the other family, likewise', async () => {
      await expectMeta(
        await signed({ method: 'POST', path: objectsPath, body: '{}' }),
        [405, 23],
        ['method-unsupported', 'POST is not offered here; use GET or PUT or DELETE.'],
      );
      source = site.newSource();
      await expectResult(
        await signed({ method: 'POST', path: serversPath, body: '{}' }),
        [405, -50],
        ['method-unsupported', 'POST is not offered here; use GET.'],
      );
      source = site.newSource();
      await expectResult(
        await signed({ method: 'GET', path: filePath }),
        [405, -50],
        ['method-unsupported', 'GET is not offered here; use PUT.'],
      );
    });

    it('that nothing is served at', async () => {
      await expectResult(
        await signed({ method: 'GET', path: '/WebApp/API/Nothing/Here?x=1' }),
        [404, -21],
        ['route-unknown', 'Nothing is served at GET /WebApp/API/Nothing/Here.'],
      );
      source = site.newSource();
      await expectMeta(
        await signed({ method: 'GET', path: '/WebApp/api/v1/Logs/spyware' }),
        [404, 7],
        ['route-unknown', 'Nothing is served at GET /WebApp/api/v1/Logs/spyware.'],
      );
    });

    it('that cannot be decoded', async () => {
      const answer = await signed({ method: 'GET', path: `${agentsPath}%ZZ` });
      await expectResult(answer, [400, -21], ['parameter-invalid', `'${agentsPath}%ZZ' is not a valid url component`]);
    });
  });

  describe('an object', () => {
    it('without param', async () => {
      await expectMeta(
        await signed({ method: 'PUT', path: objectsPath, body: '{"type":"ip"}' }),
        [400, 7],
        ['parameter-invalid', 'body must have required properties param.'],
      );
    });

    it('of a type that is none', async () => {
      await expectMeta(
        await put({ type: 'mail', content: 'x', scan_action: 'log' }),
        [400, 7],
        ['parameter-invalid', 'type is "mail"; it must be one of ip, url, domain, file_sha1, file.'],
      );
    });

    it('with notes that are too long', async () => {
      const notes = 'x'.repeat(257);
      await expectMeta(
        await put({ type: 'ip', content: '203.0.113.8', scan_action: 'log', notes }),
        [400, 7],
        ['parameter-invalid', 'notes has 257 characters; at most 256 are kept.'],
      );
    });

    it('with an expiration date that cannot be read', async () => {
      const param = { type: 'ip', content: '203.0.113.8', scan_action: 'log', expiration_utc_date: 'soon' };
      await expectMeta(
        await put(param),
        [400, 7],
        [
          'parameter-invalid',
          'expiration_utc_date is "soon"; write it in UTC as YYYY-MM-DDTHH:MM:SSZ, or leave it out for never.',
        ],
      );
    });

    it('to be removed, unnamed', async () => {
      await expectMeta(
        await signed({ method: 'DELETE', path: `${objectsPath}?content=203.0.113.7` }),
        [400, 7],
        ['parameter-invalid', 'type is ""; it must be one of ip, url, domain, file_sha1, file.'],
      );
      source = site.newSource();
      await expectMeta(
        await signed({ method: 'DELETE', path: `${objectsPath}?type=ip` }),
        [400, 7],
        ['parameter-invalid', 'content is empty; it must name what is suspicious.'],
      );
    });

    it('of type file whose content is cut short', async () => {
      await expectMeta(
        await put({ type: 'file', content: 'QUJDR', scan_action: 'log' }),
        [400, 7],
        ['parameter-invalid', 'content of type file must be the file in base64. For a hash, use type file_sha1.'],
      );
    });
  });

  describe('a file', () => {
    const file = { file_name: 'a.txt', file_content_base64_string: 'MTIzMTIz', file_scan_action: 'LOG', note: '' };

    function upload(change: object): Promise<Answer> {
      return signed({ method: 'PUT', path: filePath, body: JSON.stringify({ ...file, ...change }) });
    }

    it('that is not base64', async () => {
      await expectResult(
        await upload({ file_content_base64_string: 'MTIzMTI' }),
        [400, -21],
        [
          'parameter-invalid',
          'file_content_base64_string is not base64: its length is not a multiple of four; it was cut short or has no padding.',
        ],
      );
    });

    it('in a body that is not JSON', async () => {
      await expectResult(
        await signed({ method: 'PUT', path: filePath, body: 'rubbish' }),
        [400, -21],
        ['parameter-invalid', 'The request body is not JSON in UTF-8.'],
      );
    });

    it('in no body', async () => {
      await expectResult(
        await signed({ method: 'PUT', path: filePath }),
        [400, -21],
        ['parameter-invalid', 'The body is not a JSON object.'],
      );
    });

    it.each([
      ['file_name', undefined],
      ['file_name', ''],
      ['file_scan_action', undefined],
      ['note', 5],
    ])('whose %s is %j', async (field, value) => {
      await expectResult(
        await upload({ [field]: value }),
        [400, -21],
        [
          'parameter-invalid',
          `"${field}" must be a string. The body is an object of file_name, file_content_base64_string, file_scan_action, note.`,
        ],
      );
    });

    it('with an action that is none', async () => {
      await expectResult(
        await upload({ file_scan_action: 'delete' }),
        [400, -21],
        ['parameter-invalid', 'file_scan_action is "delete"; for type file it must be one of log, block, quarantine.'],
      );
    });

    it('with a note that is too long', async () => {
      await expectResult(
        await upload({ note: 'x'.repeat(257) }),
        [400, -21],
        ['parameter-invalid', 'note has 257 characters; at most 256 are kept.'],
      );
    });

    it('that is empty', async () => {
      await expectResult(
        await upload({ file_content_base64_string: '' }),
        [400, -1102],
        ['file-unusable', 'The file is empty. All empty files have the same hash, so it cannot be listed.'],
      );
    });

    it('whose checksum is wrong, whatever else is', async () => {
      const raw = { method: 'PUT', path: filePath, body: JSON.stringify({ ...file, note: 'x'.repeat(300) }) };
      const answer = await signed(raw, { body: JSON.stringify(file) });
      await expectResult(
        answer,
        [401, -8],
        [
          'checksum-invalid',
          'The checksum in the token does not fit this request. Hash METHOD|path and query in lower case|headers|body, over the very bytes that are sent.',
        ],
      );
    });

    it.each([
      ['one byte larger than the limit', uploadLimit + 1],
      ['much larger than the limit', 200_000],
      ['of megabytes', 8_000_000],
    ])('%s', async (_name, size) => {
      await expectResult(
        await upload({ file_content_base64_string: Buffer.alloc(size, 7).toString('base64') }),
        [413, -21],
        [
          'body-too-large',
          'The file is larger than 1000 bytes, the limit of this server. Add its SHA-1 as file_sha1 instead, or raise CORDON_UPLOAD_LIMIT.',
        ],
      );
    });
  });
});
