/** Opens the address and name enforcement that fits this machine. */
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
  /** The file that stands in for a kernel when nothing is to be blocked; undefined for the real kernel. */
  readonly simulated: { readonly path: string; readonly write: (path: string, text: string) => void } | undefined;
}

/** Never throws: where enforcement is impossible, the state says why. What an earlier run put in force stays. */
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

/** Read for each reported detection: the file is small. */
function userName(id: number): string {
  try {
    const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
    return lines.find((line) => line.split(':')[2] === String(id))?.split(':')[0] ?? '';
  } catch {
    return ''; // A host without the file has no names to report.
  }
}
