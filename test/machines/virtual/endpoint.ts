/** What tests ask about an endpoint that is a virtual machine. */
import { basename, dirname } from 'node:path';
import { eventually } from '../../harness/eventually.ts';
import type { Company } from '../company.ts';
import type { VirtualMachine } from './virtual-machine.ts';

/** Emulated, each process of the agent takes seconds to start. */
const connectMs = 600_000;
const bringMs = 400_000;
const bringPort = 8444;

/** Somebody on its network who is no server. */
export const peer = '10.77.0.254';

export async function reaches(machine: VirtualMachine, address = peer): Promise<boolean> {
  return (await machine.run(`ping -c 1 -W 2 ${address}`)).code === 0;
}

/** It is online, and has reported after `since` (milliseconds since 1970). */
export async function connected(company: Company, name: string, since = 0): Promise<void> {
  const ask = (): true | undefined => {
    const { online, reportedAt } = company.ask('agents', 'show', name);
    return online === true && Number(reportedAt) >= since ? true : undefined;
  };
  await eventually(`${name} is connected`, ask, { timeoutMs: connectMs });
}

/** What the server holds about it. */
export function stateOf(company: Company, name: string): { desired: string; reported: string; problem: unknown } {
  const { desired, reported, problem } = company.ask('agents', 'show', name);
  return { desired: String(desired), reported: String(reported), problem };
}

/** A package, below /root: from a neighbour on its network, so before it is isolated. */
export async function bring(machine: VirtualMachine, company: Company, deb: string): Promise<void> {
  const [file, folder] = [basename(deb), dirname(deb)];
  const serve = ['-m', 'http.server', String(bringPort), '--bind', peer, '--directory', folder];
  const serving = company.lan.namespace.startServant('python3', serve);
  const from = `http://${peer}:${bringPort}/${file}`;
  try {
    await machine.must(`curl --retry 20 --retry-connrefused --retry-delay 1 -fsS -o /root/${file} '${from}'`, bringMs);
  } finally {
    serving.kill();
  }
}

/** What the machine says of itself. */
export async function factsOf(machine: VirtualMachine): Promise<Record<string, string>> {
  const [kernel = '', systemd = ''] = (await machine.must('uname -r; systemctl --version | head -1')).split('\n');
  const { kernel: held } = Object(JSON.parse(await machine.must('cordon-agent status --json')));
  const level = String(Object(held).level);
  return { kernel, systemd: systemd.split(' ')[1] ?? '', 'isolation at level': level };
}

/** What an isolated endpoint sends all the same, as pcap-filter(7) writes it: neighbours, DHCP, and its server. */
export function allowed(company: Company): string {
  const neighbours = 'arp or (icmp6 and ip6[40] >= 133 and ip6[40] <= 136) or ip6 proto 0';
  return `${neighbours} or (udp src port 68 and udp dst port 67) or (tcp port 8443 and host ${company.server.address})`;
}
