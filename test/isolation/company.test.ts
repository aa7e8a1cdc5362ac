/** Isolation among hostile firewalls and people: whatever they do to the host's rules, it stays isolated. */
import { cpSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonProcess } from '../harness/json-process.ts';
import { temporaryFolder } from '../agent/paths.ts';
import { root } from '../harness/privileged.ts';
import { eventually } from '../harness/eventually.ts';
import { isolate, restore, Site, verify } from './site.ts';

const natHook = '{ type nat hook output priority -100 ; }';

/** Each line is one program with its arguments. */
const intruders: readonly (readonly [string, readonly string[]])[] = [
  ['nft flush ruleset', ['nft flush ruleset']],
  ['deleting our tables', ['nft delete table inet cordon', 'nft delete table netdev cordon']],
  ['an accept at the head of our chain', ['nft insert rule inet cordon out accept', 'nft flush chain inet cordon out']],
  ['another policy for our chain', ['nft add chain inet cordon out { policy accept ; }']],
  ['an accept ahead of us', ['nft add table inet x', `nft add chain inet x c ${hook('output', -10_000)}`]],
  ['an accept behind us', ['nft add table inet x', `nft add chain inet x c ${hook('postrouting', 10_000)}`]],
  ['iptables-nft', ['iptables-nft -F', 'iptables-nft -P OUTPUT ACCEPT', 'iptables-nft -I OUTPUT -j ACCEPT']],
  ['ip6tables-nft', ['ip6tables-nft -F', 'ip6tables-nft -I OUTPUT -j ACCEPT']],
  [
    'iptables-legacy',
    ['iptables-legacy -I OUTPUT -j ACCEPT', 'iptables-legacy -P OUTPUT ACCEPT', 'iptables-legacy -F'],
  ],
  ['nat that sends us elsewhere', ['nft add table ip x', `nft add chain ip x c ${natHook}`, dnat()]],
];

function hook(name: string, priority: number): string {
  return `{ type filter hook ${name} priority ${priority} ; policy accept ; }`;
}

function dnat(): string {
  return 'nft add rule ip x c ip daddr 10.9.0.1 tcp dport 8443 dnat to 10.9.0.3:9000';
}

const levels = ['owner-persist', 'plain'] as const;

// Skipped without root: network namespaces and nf_tables need it (privileged.ts says so once).
describe.skipIf(!root)('in hostile company', { timeout: 180_000 }, () => {
  let site: Site;
  let holder: JsonProcess;

  beforeEach(async () => {
    site = await Site.make();
  });

  afterEach(() => site.close());

  async function holdAt(level: (typeof levels)[number]): Promise<void> {
    holder = await site.hold(level === 'plain' ? { persist: false } : {});
    await holder.request(isolate, { event: 'applied' });
    await holder.request({ ...verify, do: 'keep' }, { event: 'keeping' });
  }

  function run(line: string): void {
    const [program = '', ...args] = line.split(' ');
    try {
      site.endpoint.run(program, ...args);
    } catch {
      // A refusal is one way to fail at it.
    }
  }

  async function expectIsolated(): Promise<void> {
    for (const to of ['10.9.0.3', 'fd09::3', '198.51.100.7']) {
      expect(await site.count('endpoint', { do: 'udp', to, port: 9000 })).toEqual({ stray: 0, spoken: 0 });
    }
    expect(await site.count('endpoint', { do: 'frame', device: 'eth0' })).toEqual({ stray: 0, spoken: 0 });
    expect(await site.count('container', { do: 'udp', to: '10.9.0.3', port: 9000 })).toEqual({ stray: 0, spoken: 0 });
    expect(await holder.request(verify, { event: 'verified' })).toMatchObject({ proven: true });
  }

  test.each(levels)('nobody re-opens it: %s', async (level) => {
    await holdAt(level);
    const opened: string[] = [];
    for (const [name, lines] of intruders) {
      for (const line of lines) run(line);
      await eventually(`the isolation is proven again after ${name}`, async () => {
        const { proven } = await holder.request(verify, { event: 'verified' });
        return proven === true || undefined;
      });
      await expectIsolated().catch((error: unknown) => opened.push(`${name}: ${String(error)}`));
    }
    expect(opened).toEqual([]);
  });

  test('nobody re-opens it for the gateway’s flow to be sent elsewhere, and nobody cuts that flow with an accept', async () => {
    await holdAt('owner-persist');
    const to = { do: 'tcp', to: '10.9.0.1', port: 8443 } as const;
    for (const line of intruders[0]?.[1] ?? []) run(line);
    expect(await site.act('endpoint', to)).not.toHaveProperty('error');
  });

  test('a real ufw that is enabled, reloaded and disabled meanwhile changes nothing, and finds its rules as it left them', async () => {
    const folder = temporaryFolder();
    cpSync('/etc/ufw', folder.path, { recursive: true });
    // Only this process sees what it writes to /etc/ufw.
    const own = `mount --bind ${folder.path} /etc/ufw && exec ufw "$@"`;
    const ufw = (...args: string[]): string => site.endpoint.run('unshare', '--mount', 'sh', '-c', own, 'ufw', ...args);
    await holdAt('owner-persist');
    try {
      for (const line of ['--force enable', 'allow out to any', 'allow 7000/tcp', 'reload']) {
        ufw(...line.split(' '));
        await expectIsolated();
      }
      const ours = /table \w+ cordon \{[\s\S]*?\n\}\n/g;
      const during = site.rules().replaceAll(ours, '');
      expect(during).toContain('ufw-user-output');
      await holder.request(restore, { event: 'applied' });
      expect(site.rules()).toBe(during);
      await holder.request(isolate, { event: 'applied' });
      ufw('disable');
      await expectIsolated();
    } finally {
      folder.remove();
    }
  });

  test('a host full of rules of others gets them back to the byte, legacy ones, too', async () => {
    // Without comments and counts: a packet of the kernel's own may pass at any time.
    const legacy = (): string =>
      site.endpoint
        .run('iptables-legacy-save')
        .replaceAll(/^#.*\n/gm, '')
        .replaceAll(/\[\d+:\d+\]/g, '');
    run('iptables-legacy -I OUTPUT -j ACCEPT');
    run('iptables-legacy -t nat -A POSTROUTING -o eth0 -j MASQUERADE');
    const [before, legacyBefore] = [site.rules(), legacy()];
    holder = await site.hold();
    await holder.request(isolate, { event: 'applied' });
    expect(legacy()).toBe(legacyBefore);
    await holder.request(restore, { event: 'applied' });
    expect([site.rules(), legacy()]).toEqual([before, legacyBefore]);
  });
});
