/** Listed names in plain DNS questions: detected on any path, reported with the asking process, and never blocked. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Event, JsonProcess } from '../harness/json-process.ts';
import { root } from '../harness/privileged.ts';
import { Site } from '../isolation/site.ts';

const inside = fileURLToPath(new URL('inside.ts', import.meta.url));
const resolver = '10.9.0.3';

function question(name: string): Buffer {
  const labels = name.split('.').flatMap((label) => [Buffer.of(label.length), Buffer.from(label)]);
  return Buffer.concat([Buffer.from('beef01000001000000000000', 'hex'), ...labels, Buffer.from('0000010001', 'hex')]);
}

function overUdp(name: string): { data: string } {
  return { data: question(name).toString('hex') };
}

// Skipped without root: network namespaces and nf_tables need it (privileged.ts says so once).
describe.skipIf(!root)('listed names', { timeout: 180_000 }, () => {
  let site: Site;
  let holder: JsonProcess;
  let mark = 0;

  beforeAll(async () => {
    site = await Site.make({ gateway: false });
    await site.act('network', { do: 'serve', ports: [53] });
    holder = site.endpoint.start(process.execPath, [inside]);
    await holder.next({ event: 'ready' });
    await holder.request(
      {
        do: 'apply',
        objects: [
          { type: 'domain', content: 'bad.example' },
          { type: 'domain', content: 'last.example' },
          { type: 'url', content: 'https://files.example/x/y.exe' },
        ],
      },
      { event: 'applied' },
    );
  });

  afterAll(() => site?.close());

  /** What was reported about a question: everything before the next listed name, which is asked for right after it. */
  async function matchesAfter(from: 'endpoint' | 'container', act: { do: string } & Event): Promise<Event[]> {
    const before = holder.count;
    await site.act(from, act);
    mark += 1;
    await site.act('endpoint', { do: 'udp', to: resolver, port: 53, ...overUdp(`n${mark}.last.example`) });
    await holder.next({ event: 'match', object: { content: 'last.example' } }, before);
    return holder.eventsLike({ event: 'match' }).filter((one) => Object(one['object']).content !== 'last.example');
  }

  test('are matched over UDP, with the resolver and the user, and the question passes', async () => {
    const found = await matchesAfter('endpoint', { do: 'udp', to: resolver, port: 53, ...overUdp('One.Bad.Example') });
    expect(found.at(-1)).toMatchObject({
      object: { type: 'domain', content: 'bad.example' },
      detectedBy: 'name',
      action: 'logged',
      user: { id: 0, name: 'root' },
      remote: { direction: 'out', protocol: 'udp', address: resolver, port: 53, name: 'one.bad.example' },
    });
    const asked = { do: 'udp', to: resolver, port: 53, ...overUdp('two.bad.example') };
    expect(await site.passing('endpoint', asked)).toBeGreaterThan(0);
  });

  test('are seen over TCP and over IPv6', async () => {
    const bytes = question('three.bad.example');
    const data = Buffer.concat([Buffer.of(0, bytes.length), bytes]).toString('hex');
    const found = await matchesAfter('endpoint', { do: 'tcp', to: 'fd09::3', port: 53, data });
    expect(found.at(-1)).toMatchObject({ remote: { protocol: 'tcp', address: 'fd09::3', name: 'three.bad.example' } });
  });

  test('are seen when a container asks', async () => {
    const found = await matchesAfter('container', {
      do: 'udp',
      to: resolver,
      port: 53,
      ...overUdp('four.bad.example'),
    });
    expect(found.at(-1)).toMatchObject({ user: null, remote: { name: 'four.bad.example' } });
  });

  test('are seen when a resolver on this host is asked', async () => {
    const found = await matchesAfter('endpoint', {
      do: 'udp',
      to: '127.0.0.53',
      port: 53,
      ...overUdp('five.bad.example'),
    });
    expect(found.at(-1)).toMatchObject({ remote: { address: '127.0.0.53', name: 'five.bad.example' } });
  });

  test('of a URL are its host, and the detection says no more than that', async () => {
    const found = await matchesAfter('endpoint', { do: 'udp', to: resolver, port: 53, ...overUdp('files.example') });
    expect(found.at(-1)).toMatchObject({ object: { type: 'url' }, remote: { name: 'files.example' } });
    expect(String(found.at(-1)?.['remark'])).toMatch(/cannot be seen from here/);
  });

  test('anything else that is sent to port 53 passes and is not reported', async () => {
    const before = holder.eventsLike({ event: 'match' }).length;
    for (const data of [
      '00',
      'ff'.repeat(300),
      overUdp('good.example').data,
      overUdp('bad.example.org').data,
      overUdp('bad.example').data.slice(0, 30),
    ]) {
      await matchesAfter('endpoint', { do: 'udp', to: resolver, port: 53, data });
    }
    expect(holder.eventsLike({ event: 'match' }).length - before).toBe(5);
    expect(holder.eventsLike({ event: 'exit' })).toEqual([]);
  });

  test('leave no rule that copies questions when none is listed', async () => {
    expect(site.rules()).toContain('cordon name');
    await holder.request({ do: 'apply', objects: [{ content: '203.0.113.9' }] }, { event: 'applied' });
    expect(site.rules()).not.toContain('cordon name');
    await holder.request({ do: 'apply', objects: [] }, { event: 'applied' });
    expect(site.rules()).not.toContain('cordon_objects');
  });
});
