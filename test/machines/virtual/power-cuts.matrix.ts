/** The power fails in the middle of isolating, releasing and updating: again and again, on one machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDeb, offer } from '../artifacts.ts';
import { Capture } from '../capture.ts';
import { Company } from '../company.ts';
import { diskOf } from './disk.ts';
import { allowed, bring, connected, reaches, stateOf } from './endpoint.ts';
import { VirtualMachine } from './virtual-machine.ts';

const versions = { old: '0.1.0+1.gaaaaaaa', new: '0.1.0+2.gbbbbbbb' } as const;
const name = 'dark';
const cuts = Number(process.env['CORDON_POWER_CUTS'] ?? 20);
/** The latest moment of a cut after the order: emulated, an endpoint takes some seconds to carry it out. */
const latestMs = { isolate: 3000, release: 3000, update: 30_000 } as const;

describe('Debian bookworm, the power fails', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cordon-cuts-'));
  let company: Company;
  let machine: VirtualMachine;
  const debs: string[] = [];

  beforeAll(async () => {
    company = await Company.make(await buildDeb('cordon-server', versions.new, scratch));
    company.lan.lease();
    for (const version of Object.values(versions)) debs.push(await buildDeb('cordon-agent', version, scratch));
    await offer(company, debs[0] ?? '');
    machine = new VirtualMachine(company.lan, name, diskOf('bookworm'));
    await machine.boot();
    await machine.isUp();
    await machine.must(`hostnamectl set-hostname ${name}`);
    await machine.must(String(company.ask('enrol-token')['installLine']));
    await connected(company, name);
    for (const deb of debs) await bring(machine, company, deb);
    await machine.must('sync');
  });

  afterAll(async () => {
    await machine.close();
    await company.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** Boots after a cut. What it sent that an isolated endpoint may not send. */
  async function bootAgain(): Promise<string[]> {
    const capture = new Capture(company.lan, machine.port);
    await capture.begun();
    const since = Date.now();
    await machine.boot();
    await connected(company, name, since);
    const frames = capture.frames(`not (${allowed(company)})`);
    capture.close();
    return frames;
  }

  async function cutAfter(latest: number): Promise<void> {
    await sleep(Math.random() * latest);
    await machine.cutPower();
  }

  it.each(Array.from({ length: cuts }, (_, index) => index + 1))('cut %i', async (number) => {
    const act = (['isolate', 'update', 'release'] as const)[(number - 1) % 3] ?? 'isolate';
    // The power cut ends the update: its failure is what is tried here.
    if (act === 'update') void machine.run(`dpkg -i /root/${basename(debs[number % 2] ?? '')}`).catch(() => undefined);
    else company.cordon('agents', act, name);
    await cutAfter(latestMs[act]);
    const { reported, desired } = stateOf(company, name);
    // What it had proved it keeps; an order that it had not confirmed may still have been on its way.
    const held = reported === 'isolated' && desired === 'isolated';
    const sent = await bootAgain();
    expect(held ? sent : []).toEqual([]);
    if (act === 'update') await machine.must(`dpkg --configure -a; dpkg -i /root/${basename(debs[number % 2] ?? '')}`);
    await connected(company, name);
    expect(stateOf(company, name)).toMatchObject({ desired, reported: desired, problem: null });
    expect(await reaches(machine)).toBe(desired === 'normal');
  });
});
