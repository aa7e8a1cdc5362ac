/** Opens the enforcement of listed addresses and names that fits this machine. */
import { readFileSync } from 'node:fs';
import { systemCalls } from '../../kernel/calls.ts';
import { NftablesAddresses } from './nftables-addresses.ts';
import type { AddressKernel } from './address-kernel.ts';
import { AddressBlocking } from './address-blocking.ts';
import type { AddressBlockingOptions } from './address-blocking.ts';
import { messageOf } from '../../message-of.ts';
import { UnableAddresses } from './unable-addresses.ts';
import { SimulatedAddresses } from '../simulated/simulated-addresses.ts';

export interface OpenOptions extends Omit<AddressBlockingOptions, 'kernel' | 'userName'> {
  /** The file that stands in for a kernel where nothing is to be blocked; undefined for the real one. */
  readonly simulated: { readonly path: string; readonly write: (path: string, text: string) => void } | undefined;
}

/** Never throws: where nothing can be enforced, the state says why. What an earlier run left in force stays so. */
export function openAddressBlocking({ simulated, ...rest }: OpenOptions): AddressBlocking {
  const kernel = simulated ? new SimulatedAddresses(simulated.path, simulated.write) : realKernel();
  return new AddressBlocking({ ...rest, kernel, userName });
}

function realKernel(): AddressKernel {
  if (process.getuid?.() !== 0) {
    return new UnableAddresses('Blocking addresses needs root; the enforcer runs as another user.');
  }
  try {
    return new NftablesAddresses(systemCalls());
  } catch (error) {
    return new UnableAddresses(messageOf(error));
  }
}

/** Asked for as often as a new detection is told, and the file is small. */
function userName(id: number): string {
  try {
    const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
    return lines.find((line) => line.split(':')[2] === String(id))?.split(':')[0] ?? '';
  } catch {
    return ''; // A host without one has no names to tell.
  }
}
