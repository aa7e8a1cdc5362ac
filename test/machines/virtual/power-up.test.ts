/** The agent's package on Debian's own kernel: what leaves an isolated endpoint from power-up on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from '../../harness/privileged.ts';
import { buildDeb, offer } from '../artifacts.ts';
import { Capture } from '../capture.ts';
import { Company } from '../company.ts';
import { diskOf } from './disk.ts';
import { allowed, connected, reaches } from './endpoint.ts';
import { VirtualMachine } from './virtual-machine.ts';

/** Emulated on a busy machine, a boot takes minutes. */
const emulatedMs = 1_200_000;
const version = '0.1.0+1.gaaaaaaa';

// Skipped without root: the switch between the machines needs it (privileged.ts says so once).
describe.skipIf(!root)('an endpoint with Debian’s kernel', { timeout: emulatedMs }, () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cordon-power-up-'));
  const made: { close: () => Promise<void> }[] = [];
  let company: Company;
  let endpoint: VirtualMachine;

  beforeAll(async () => {
    company = await Company.make(await buildDeb('cordon-server', version, scratch));
    made.push(company);
    company.lan.lease();
    await offer(company, await buildDeb('cordon-agent', version, scratch));
    endpoint = new VirtualMachine(company.lan, 'virtual', diskOf('bookworm'));
    made.push(endpoint);
    await endpoint.boot();
    await endpoint.isUp();
    await endpoint.must('hostnamectl hostname virtual');
  }, emulatedMs);

  afterAll(async () => {
    for (const one of made.toReversed()) await one.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  it('is installed and enrolled by one line, and isolated', async () => {
    await endpoint.must(String(company.ask('enrol-token')['installLine']));
    await connected(company, endpoint.name);
    expect(await reaches(endpoint)).toBe(true);
    company.cordon('agents', 'isolate', endpoint.name, '--wait');
    expect(await reaches(endpoint)).toBe(false);
  });

  it('sends nothing but DHCP, the search for its neighbours, and its server, from power-up on', async () => {
    await endpoint.shutDown();
    const capture = new Capture(company.lan, endpoint.port);
    await capture.begun();
    const since = Date.now();
    await endpoint.boot();
    await connected(company, endpoint.name, since);
    expect(await reaches(endpoint)).toBe(false);
    expect(capture.frames(`tcp port 8443 and host ${company.server.address}`).length).toBeGreaterThan(0);
    expect(capture.frames(`not (${allowed(company)})`)).toEqual([]);
    capture.close();
  });

  it('is released', async () => {
    company.cordon('agents', 'release', endpoint.name, '--wait');
    expect(await reaches(endpoint)).toBe(true);
  });
});
