/** What this endpoint reports about itself in its hello. */
import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import type { NetworkInterfaceInfo } from 'node:os';
import type { EndpointFacts } from '@cordon/protocol/channel';
import type { Environment } from '../ipc/paths.ts';
import { agentVersion } from '../version.ts';

const maxAddresses = 64;

/** What does not change while we run; read before privileges are dropped. */
export type Constants = Omit<EndpointFacts, 'addresses' | 'macs' | 'canIsolate'>;

export function constantFacts(environment: Environment): Constants {
  return {
    hostName: (environment['CORDON_AGENT_HOST_NAME'] ?? hostname()).slice(0, 255) || 'unknown',
    product: (environment['CORDON_AGENT_PRODUCT'] ?? 'SLF_PRODUCT_OFFICESCAN_CE').slice(0, 64),
    platform: platformIn(osRelease()).slice(0, 255),
    agentVersion: agentVersion(),
    adDomain: '',
    folder: (environment['CORDON_AGENT_FOLDER'] ?? 'Workgroup').slice(0, 255),
  };
}

export function factsNow(constants: Constants, canIsolate: boolean): EndpointFacts {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return { ...constants, ...addressesOf(interfaces), canIsolate };
}

export function addressesOf(interfaces: readonly NetworkInterfaceInfo[]): Pick<EndpointFacts, 'addresses' | 'macs'> {
  const outer = interfaces.filter((one) => !one.internal);
  const addresses = outer.map((one) => one.address).filter((address) => !isLinkLocal(address));
  const macs = outer.map((one) => one.mac.toUpperCase().replaceAll(':', '-')).filter((mac) => mac !== noMac);
  return { addresses: [...new Set(addresses)].slice(0, maxAddresses), macs: [...new Set(macs)].slice(0, maxAddresses) };
}

const noMac = '00-00-00-00-00-00';

function isLinkLocal(address: string): boolean {
  return /^fe[89ab]/i.test(address) || address.startsWith('169.254.');
}

/** PRETTY_NAME of os-release(5). */
export function platformIn(text: string): string {
  const line = text.split('\n').find((one) => one.startsWith('PRETTY_NAME='));
  return line?.slice('PRETTY_NAME='.length).replaceAll(/^["']|["']$/g, '') ?? process.platform;
}

function osRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return ''; // Not every system has one.
  }
}
