/** The agent's package on each Debian that we support, with its own kernel and systemd. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDeb, offer } from '../artifacts.ts';
import { Capture } from '../capture.ts';
import { Company } from '../company.ts';
import { diskOf } from './disk.ts';
import { allowed, bring, connected, factsOf, peer, reaches } from './endpoint.ts';
import { VirtualMachine } from './virtual-machine.ts';

const versions = { old: '0.1.0+1.gaaaaaaa', new: '0.1.0+2.gbbbbbbb' } as const;
const suites = ['bullseye', 'bookworm', 'trixie'] as const;

let company: Company;
const scratch = mkdtempSync(join(tmpdir(), 'cordon-matrix-'));
const debs = { old: '', new: '' };

beforeAll(async () => {
  company = await Company.make(await buildDeb('cordon-server', versions.new, scratch));
  company.lan.lease();
  debs.old = await buildDeb('cordon-agent', versions.old, scratch);
  debs.new = await buildDeb('cordon-agent', versions.new, scratch);
  await offer(company, debs.old);
});

afterAll(async () => {
  await company.close();
  rmSync(scratch, { recursive: true, force: true });
});

describe.each(suites)('Debian %s', (suite) => {
  const name = `on-${suite}`;
  let machine: VirtualMachine;

  beforeAll(async () => {
    machine = new VirtualMachine(company.lan, name, diskOf(suite));
    await machine.boot();
    await machine.isUp();
    await machine.must(`hostnamectl set-hostname ${name}`);
  });

  afterAll(() => machine.close());

  /** What left the machine meanwhile and may not. */
  async function leaked(during: () => Promise<unknown>): Promise<string[]> {
    const capture = new Capture(company.lan, machine.port);
    await capture.begun();
    try {
      await during();
      return capture.frames(`not (${allowed(company)})`);
    } finally {
      capture.close();
    }
  }

  it('is installed, enrolled and started by one line, and isolated', async ({ task }) => {
    await machine.must(String(company.ask('enrol-token')['installLine']));
    await connected(company, name);
    expect(await reaches(machine)).toBe(true);
    company.cordon('agents', 'isolate', name, '--wait');
    expect(await reaches(machine)).toBe(false);
    task.meta.facts = await factsOf(machine);
  });

  it('sends nothing but DHCP, the search for its neighbours, and its server, from power-up on', async () => {
    await machine.shutDown();
    const since = Date.now();
    const boot = async (): Promise<void> => {
      await machine.boot();
      await connected(company, name, since);
    };
    expect(await leaked(boot)).toEqual([]);
    expect(await reaches(machine)).toBe(false);
  });

  it('stays cut off while its network, its firewall service and its cable come and go', async () => {
    const shout = `for i in $(seq 60); do ping -c 1 -W 1 ${peer} >/dev/null; done`;
    const turns = 'networking nftables'
      .split(' ')
      .map((unit) => `systemctl restart ${unit}`)
      .join('; ');
    const commands = `(${shout}) & ${turns}; systemctl stop nftables; ip link set eth0 down; sleep 1; ip link set eth0 up; systemctl restart networking; wait`;
    expect(await leaked(() => machine.must(commands))).toEqual([]);
    await connected(company, name);
  });

  it('stays cut off when its units are stopped, and when they are killed', async () => {
    const stop = `systemctl stop cordon-agent.target; ping -c 2 -W 1 ${peer}; systemctl start cordon-agent.target`;
    const kill = `systemctl kill --signal KILL 'cordon-*.service'; ping -c 2 -W 1 ${peer}; true`;
    expect(await leaked(() => machine.must(`${stop}; ${kill}`))).toEqual([]);
    await connected(company, name);
  });

  it('stays cut off through an upgrade and a downgrade, and the server sees each version', async () => {
    for (const version of ['new', 'old'] as const) {
      await bring(machine, company, debs[version]);
      const since = Date.now();
      const install = `(for i in $(seq 60); do ping -c 1 -W 1 ${peer}; done >/dev/null) & dpkg -i /root/${basename(debs[version])}; wait`;
      expect(await leaked(() => machine.must(install))).toEqual([]);
      await connected(company, name, since);
      expect(company.ask('agents', 'show', name)['agentVersion']).toBe(versions[version]);
    }
  });

  it('stays cut off when its disk is full, its agent restarted, and then the machine', async () => {
    await machine.must('dd if=/dev/zero of=/filled bs=1M status=none; df / | tail -1; true');
    const restart = `systemctl restart cordon-agent.target; ping -c 5 -W 1 ${peer}; true`;
    expect(await leaked(() => machine.must(restart))).toEqual([]);
    await machine.shutDown();
    const since = Date.now();
    const boot = async (): Promise<void> => {
      await machine.boot();
      await connected(company, name, since);
    };
    expect(await leaked(boot)).toEqual([]);
    await machine.must('rm /filled');
  });

  it('is released, and purged without a trace in its kernel', async () => {
    company.cordon('agents', 'release', name, '--wait');
    expect(await reaches(machine)).toBe(true);
    await machine.must('dpkg -P cordon-agent');
    expect(await machine.must('systemctl list-units --all --no-legend "cordon*"; nft list tables')).toBe('');
  });
});
