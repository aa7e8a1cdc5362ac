/** The packages on booted machines: an endpoint from its installation to its removal, as an administrator goes through it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import { root } from '../harness/privileged.ts';
import { buildDeb, offer } from './artifacts.ts';
import { Capture } from './capture.ts';
import { Company } from './company.ts';
import { Machine } from './machine.ts';

/** As two commits after one another make them. */
const versions = { old: '0.1.0+1.gaaaaaaa', new: '0.1.0+2.gbbbbbbb' } as const;
const peer = '10.77.0.254';

// Skipped without root: containers need it (privileged.ts says so once).
describe.skipIf(!root)('an endpoint with the agent’s package', () => {
  let scratch: string;
  let company: Company;
  let endpoint: Machine;
  const made: (Company | Machine)[] = [];
  const debs: Record<string, string> = {};

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'cordon-packages-'));
    debs['server'] = await buildDeb('cordon-server', versions.new, scratch);
    debs['old'] = await buildDeb('cordon-agent', versions.old, scratch);
    debs['new'] = await buildDeb('cordon-agent', versions.new, scratch);
    company = await Company.make(debs['server']);
    made.push(company);
    endpoint = await Machine.make(company.lan, 'endpoint', '10.77.0.2');
    made.push(endpoint);
    for (const version of ['old', 'new']) await endpoint.bring(debs[version] ?? '');
  }, 900_000);

  afterAll(async () => {
    for (const one of made.toReversed()) await one.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const install = (version: keyof typeof versions): Promise<string> =>
    endpoint.must(`dpkg -i /root/${basename(debs[version] ?? '')}`);
  const reaches = async (address: string): Promise<boolean> =>
    (await endpoint.run(`ping -c 1 -W 1 ${address}`)).code === 0;
  const statusOf = async (): Promise<Record<string, unknown>> =>
    Object(JSON.parse(await endpoint.must('cordon-agent status --json')));
  const connected = (): Promise<true> =>
    eventually('the endpoint is connected', () =>
      company.ask('agents', 'show', 'endpoint')['online'] === true ? true : undefined,
    );

  it('has a server with its console, which runs as a user of its own', async () => {
    expect(await company.server.must('curl -kfsS https://127.0.0.1:8443/console/')).toContain('<title>Cordon</title>');
    expect(await company.server.must('ps -o user= -C node || ps -eo user,args | grep [c]ordon-server')).toContain(
      'cordon-',
    );
  });

  it('is installed by the line of its server; without a token it waits for its enrolment, and says so', async () => {
    before = await filesOn(endpoint);
    await offer(company, debs['old'] ?? '');
    const line = String(company.ask('enrol-token')['installLine']);
    expect(await endpoint.must(line.replace(/printf %s cordon1\.\S+ \| (.*) -$/, '$1'))).toContain(
      'Installed. Enrol it with:',
    );
    expect(await endpoint.must('cordon-agent --version')).toBe(`cordon-agent ${versions.old}\n`);
    expect(await endpoint.must('cordon-agent status')).toContain(
      'not enrolled; enrol with: cordon-agent enrol <token>',
    );
    expect(await endpoint.must('systemctl list-units --failed --no-legend')).toBe('');
  });
  let before: string[];

  it('is enrolled by the same line with a token, and all of its units run without a complaint', async () => {
    await endpoint.must(String(company.ask('enrol-token', '--uses', '1', '--valid', '1h')['installLine']));
    await connected();
    const units = 'cordon-enforcer cordon-link cordon-on-access cordon-scanner';
    expect((await endpoint.must(`systemctl is-active ${units}`)).trim().split('\n')).toEqual(Array(4).fill('active'));
    expect(await endpoint.must(`systemctl show --property NRestarts --value ${units}`)).toMatch(/^(0\s+){4}$/);
    expect(await endpoint.must('cordon-agent status')).toContain('workers  on-access runs, scanner runs');
  });

  it('is isolated: nobody reaches it, and it reaches nobody', async () => {
    expect(await reaches(peer)).toBe(true);
    company.cordon('agents', 'isolate', 'endpoint', '--wait');
    expect(await reaches(peer)).toBe(false);
    expect(await statusOf()).toMatchObject({ kernel: { isolation: 'isolated', level: 'owner-persist' } });
  });

  it('is cut off from power-up on when it boots isolated, even for a program that sends as soon as there is a shell', async () => {
    await endpoint.must(`cat >/etc/systemd/system/shout.service <<'END'
[Unit]
DefaultDependencies=no
[Service]
ExecStart=/bin/sh -c 'while :; do ping -c 1 -W 1 ${peer}; done'
[Install]
WantedBy=sysinit.target
END
systemctl enable shout.service`);
    await endpoint.shutDown();
    let capture: Capture | undefined;
    await endpoint.boot(async (port) => {
      capture = new Capture(company.lan, port);
      await capture.begun();
    });
    await eventually('it talks to its server', () => capture?.frames('tcp port 8443').at(5));
    const allowed = `arp or (icmp6 and ip6[40] >= 133 and ip6[40] <= 136) or ip6 proto 0 or (tcp port 8443 and host ${company.server.address})`;
    expect(capture?.frames(`not (${allowed})`)).toEqual([]);
    capture?.close();
    await endpoint.must('systemctl disable --now shout.service');
  });

  it('stays cut off when its units are stopped, and when they are killed', async () => {
    await endpoint.must('systemctl stop cordon-agent.target');
    expect(await reaches(peer)).toBe(false);
    await endpoint.must('systemctl start cordon-agent.target');
    await connected();
    await endpoint.must("systemctl kill --signal KILL 'cordon-*.service'");
    expect(await reaches(peer)).toBe(false);
    await connected();
  });

  it('holds its isolation through an upgrade and a downgrade, and says which version runs', async () => {
    const capture = new Capture(company.lan, endpoint.port);
    await capture.begun();
    const shouting = endpoint.run(`for i in $(seq 100); do ping -c 1 -W 1 ${peer}; done; true`);
    for (const version of ['new', 'old', 'new'] as const) {
      await install(version);
      await eventually(`${version} is connected`, () =>
        JSON.stringify(company.ask('agents', 'show', 'endpoint')).includes(versions[version]) ? true : undefined,
      );
      expect(await reaches(peer)).toBe(false);
    }
    await shouting;
    expect(capture.frames('icmp')).toEqual([]);
    capture.close();
  });

  it('is updated by the same line, and stays enrolled and isolated', async () => {
    await install('old');
    await offer(company, debs['new'] ?? '');
    const line = String(company.ask('enrol-token')['installLine']);
    expect(await endpoint.must(line)).toContain('This endpoint is enrolled already; it stays as it is.');
    expect(await endpoint.must('cordon-agent --version')).toBe(`cordon-agent ${versions.new}\n`);
    expect(await reaches(peer)).toBe(false);
    await connected();
  });

  it('refuses to be removed while it is isolated, says how to go on, and is still held', async () => {
    const { code, output } = await endpoint.run('dpkg -r cordon-agent');
    expect(code).not.toBe(0);
    expect(output).toContain('Without its agent nobody could release it.');
    expect(await reaches(peer)).toBe(false);
    await connected();
  });

  it('is released by a command typed at it, with a code and without any setting', async () => {
    const { codes } = company.ask('agents', 'break-glass', 'endpoint');
    const { code } = Object(Array.isArray(codes) ? codes[0] : undefined);
    expect(await endpoint.must(`cordon-agent release --code ${String(code)}`)).toContain('released');
    expect(await reaches(peer)).toBe(true);
  });

  it('leaves no file, unit or rule behind when it is purged', async () => {
    await endpoint.must('nft add table inet cordon_objects; dpkg -r cordon-agent');
    expect(await endpoint.must('test -e /var/lib/cordon/identity.json && echo kept')).toBe('kept\n');
    await endpoint.must('dpkg -P cordon-agent; rm /etc/systemd/system/shout.service');
    // The system user with its group, as Debian's packages leave theirs, and an empty folder until the next boot.
    expect((await filesOn(endpoint)).filter((one) => !before.includes(one))).toEqual([
      '/run/motd.d',
      'cordon',
      'cordon',
    ]);
    expect(await endpoint.must('systemctl list-units --all --no-legend "cordon*"; nft list tables')).toBe('');
  });
});

/** What a package could leave: files where programs and settings are, users and groups. */
async function filesOn(machine: Machine): Promise<string[]> {
  const files =
    'find /etc /usr /opt /srv /var/lib /run -xdev ! -path "/var/lib/dpkg/*" ! -path "/run/systemd/*" ! -path "/run/log/*" ! -path "/run/udev/*" ! -name "*-" ! -path "/run/agetty*" ! -path "/var/lib/apt/*" ! -path "/var/lib/systemd/*"';
  return (await machine.must(`(${files}; cut -d: -f1 /etc/passwd /etc/group) | sort`)).split('\n');
}
