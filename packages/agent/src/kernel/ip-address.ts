/** Literal IP addresses in the bytes that packets carry. */
import { addressHex, parseAddress, plainAddress } from '@cordon/protocol/addresses';

/** 4 or 16 bytes; undefined for anything but a literal address. */
export function addressBytes(text: string): Buffer | undefined {
  const address = parseAddress(text);
  return address && Buffer.from(addressHex(plainAddress(address)), 'hex');
}
