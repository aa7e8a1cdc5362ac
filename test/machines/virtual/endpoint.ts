/** What tests ask about an endpoint that is a virtual machine. */
import { eventually } from '../../harness/eventually.ts';
import type { Company } from '../company.ts';
import type { VirtualMachine } from './virtual-machine.ts';

/** Emulated, each process of the agent takes seconds to start. */
const connectMs = 600_000;

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

/** What an isolated endpoint sends all the same, as pcap-filter(7) writes it: neighbours, DHCP, and its server. */
export function allowed(company: Company): string {
  const neighbours = 'arp or (icmp6 and ip6[40] >= 133 and ip6[40] <= 136) or ip6 proto 0';
  return `${neighbours} or (udp src port 68 and udp dst port 67) or (tcp port 8443 and host ${company.server.address})`;
}
