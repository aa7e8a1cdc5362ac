/** Apex Central's two guides, followed by independent clients against a real server and a real agent. */
import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JsonProcess } from '../harness/json-process.ts';
import { root } from '../harness/privileged.ts';
import { databaseKinds } from '../harness/databases.ts';
import { neighbours } from '../harness/endpoint.ts';
import type { Endpoint } from '../harness/endpoint.ts';
import { eventually } from '../harness/eventually.ts';
import { Site } from './site.ts';

const run = promisify(execFile);
const here = (name: string): string => new URL(name, import.meta.url).pathname;

interface GuideClient {
  readonly name: string;
  readonly command: readonly [string, string];
  /** The guides do not check certificates; a client that does must work just as well. */
  readonly checks: boolean;
}

const python = '/usr/bin/python3';
const known: readonly GuideClient[] = [
  { name: 'Python, as the guides', command: [python, here('guide_client.py')], checks: false },
  { name: 'Python, checking the certificate', command: [python, here('guide_client.py')], checks: true },
  { name: 'TypeScript, checking the certificate', command: [process.execPath, here('guide-client.ts')], checks: true },
];
const clients = known.filter((client) => client.command[0] !== python || hasPython());

function hasPython(): boolean {
  const { status } = spawnSync(python, ['-c', 'import jwt, requests']);
  if (status === 0) return true;
  if (process.env['CI'] === 'true') throw new Error('CI must install python3-jwt and python3-requests.');
  console.warn('Skipped: the guides in Python; install python3-jwt and python3-requests (Debian).');
  return false;
}

/** The field names and their order are the guide's; Cordon adds its own after them. */
const agentFields = [
  'entity_id',
  'product',
  'managing_server_id',
  'ad_domain',
  'folder_path',
  'ip_address_list',
  'mac_address_list',
  'host_name',
  'isolation_status',
  'capabilities',
];

const uploaded = `200
{
    "result_code": 1,
    "result_description": "Operation successful",
    "result_content": null
}
200
{
    "Data": [
        {
            "type": "file",
            "content": "601F1889667EFAEBB33B8C12572835DA3F027F78",
            "notes": "Small file for test",
            "scan_action": "log",
            "expiration_utc_date": null
        }
    ],
    "Meta": {
        "Result": 1,
        "ErrorCode": 0,
        "ErrorMsg": ""
    },
    "PermissionCtrl": {
        "permission": "255",
        "elements": null
    },
    "FeatureCtrl": {
        "mode": "0"
    },
    "SystemCtrl": {
        "TmcmSoDist_Role": "none"
    }
}
`;

/** The rules of a host that has a firewall and containers already. */
const rulesOfTheHost = `
table ip nat {
  chain POSTROUTING { type nat hook postrouting priority srcnat; policy accept; ip saddr 10.8.0.0/24 counter masquerade; }
}
table inet firewall {
  set friends { type ipv4_addr; elements = { 10.9.0.3, 10.9.0.4 }
  }
  chain first { type filter hook output priority -10000; policy accept; ip daddr @friends counter accept; }
  chain late { type filter hook input priority 10000; policy accept; counter accept; }
}
`;

// Skipped without root: the endpoint needs network namespaces.
describe.skipIf(!root).each(databaseKinds())('the guides on $name', { timeout: 180_000 }, (kind) => {
  let site: Site;
  let endpoint: Endpoint;

  async function open(): Promise<void> {
    site = await Site.open(kind);
    endpoint = await site.managed('client01');
  }

  /** Runs one guide with a client; returns its output. */
  async function walk({ command, checks }: GuideClient, name: string): Promise<string> {
    const [program, ...args] = [...command, name];
    const env = {
      ...process.env,
      GUIDE_URL: site.server.url,
      GUIDE_APPLICATION_ID: site.keys.applicationId,
      GUIDE_API_KEY: site.keys.apiKey,
      GUIDE_CERTIFICATE: checks ? join(site.data, 'tls.crt') : '',
      NODE_NO_WARNINGS: '1',
    };
    const { stdout, stderr } = await run(program ?? '', args, { env, timeout: 120_000 });
    expect(stderr).toBe('');
    return stdout;
  }

  async function flowsThatWork(): Promise<JsonProcess[]> {
    const flows = neighbours.map((address) => endpoint.talk(address));
    await Promise.all(flows.map((flow) => flow.next({ event: 'echo' })));
    return flows;
  }

  /** Adds an object and waits until the agent reports it: a round trip over the channel. */
  async function roundTrip(content: string): Promise<void> {
    // Read first: an agent that is quick has reported the new revision before anybody could ask for the old one.
    const revision = ((await site.details(endpoint))?.objectsRevision ?? 0) + 1;
    await site.client.objects.add({ type: 'domain', content, action: 'log' });
    await eventually('the agent holds the new object', async () => {
      const held = (await site.details(endpoint))?.objectsRevision ?? 0;
      return held >= revision ? held : undefined;
    });
  }

  describe('"Isolate a Security Agent"', () => {
    beforeAll(open);
    afterAll(() => site.close());

    test.each(clients)('by $name: all flows stop but the channel', async (client) => {
      endpoint.host.run('nft', 'flush', 'ruleset');
      endpoint.host.feed(rulesOfTheHost, 'nft', '-f', '-');
      const before = endpoint.rules();
      const flows = await flowsThatWork();
      endpoint.receivedPackets();

      expectActAnswer(await walk(client, 'isolate'), { before: 'normal', after: 'isolated' });
      endpoint.receivedPackets();
      const refused = await Promise.all(neighbours.map((address) => endpoint.talk(address).next({ event: 'failed' })));
      expect(refused.map((one) => one['code'])).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
      const echoes = flows.map((flow) => flow.eventsLike({ event: 'echo' }).length);
      await roundTrip(`while-isolated-${clients.indexOf(client)}.example`);
      const during = endpoint.receivedPackets();
      expect(during.other).toBe(0);
      expect(during.server).toBeGreaterThan(0);
      expect(flows.map((flow) => flow.eventsLike({ event: 'echo' }).length)).toEqual(echoes);
      expect(endpoint.tables()).toBe(3);

      expectActAnswer(await walk(client, 'restore'), { before: 'isolated', after: 'normal' });
      expect(endpoint.rules()).toBe(before);
      const again = await flowsThatWork();
      expect(endpoint.receivedPackets().other).toBeGreaterThan(0);
      for (const flow of [...flows, ...again]) flow.kill();
    });
  });

  describe('"Add Information from an Uploaded File"', () => {
    beforeEach(open);
    afterEach(() => site.close());

    test.each(clients)('by $name: the agent holds it', async (client) => {
      expect(await walk(client, 'upload')).toBe(uploaded);
      const { objectsRevision } = await eventually('the agent holds the file', async () => {
        const details = await site.details(endpoint);
        return details !== undefined && details.objectsRevision > 0 ? details : undefined;
      });
      const pages = join(endpoint.state, 'objects');
      const [page = '', ...others] = readdirSync(pages);
      expect(others).toEqual([]);
      expect(Number.parseInt(page, 10)).toBe(objectsRevision);
      const { document } = JSON.parse(readFileSync(join(pages, page), 'utf8'));
      expect(JSON.parse(document).put).toEqual([
        {
          type: 'file',
          content: '601F1889667EFAEBB33B8C12572835DA3F027F78',
          action: 'log',
          size: 6,
          sha256: '96cae35ce8a9b0244178bf28e4966c2ce1b8385723a96a6b838858cdd6ca0a1e',
          expiresAt: null,
        },
      ]);
    });
  });
});

/** The answer has the agent's state before the action (contract 3.2); the poll has the state after it. */
function expectActAnswer(printed: string, status: { before: string; after: string }): void {
  const [, json = ''] = new RegExp(
    `^host name: client01\n200\n(\\{\n[\\s\\S]*\n\\})\nisolation status: ${status.after}\n$`,
  ).exec(printed) ?? ['', printed];
  const answer: unknown = JSON.parse(json);
  expect(Object.keys(Object(answer))).toEqual(['result_code', 'result_description', 'result_content']);
  expect(answer).toMatchObject({ result_code: 1, result_description: 'Operation successful' });
  const content: object[] = Object(answer).result_content;
  expect(content).toHaveLength(1);
  const [agent = {}] = content;
  expect(Object.keys(agent).slice(0, agentFields.length)).toEqual(agentFields);
  expect(agent).toMatchObject({
    product: 'SLF_PRODUCT_OFFICESCAN_CE',
    ad_domain: '',
    folder_path: 'Workgroup',
    ip_address_list: expect.stringMatching(/^10\.9\.0\.2,fd09::2$/),
    mac_address_list: expect.stringMatching(/^[0-9A-F]{2}(-[0-9A-F]{2}){5}$/),
    host_name: 'client01',
    isolation_status: status.before,
    capabilities: ['cmd_restore_isolated_agent', 'cmd_isolate_agent', 'cmd_relocate_agent', 'cmd_uninstall_agent'],
  });
}
