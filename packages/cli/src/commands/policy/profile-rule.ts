/** A rule of a profile as users type it: `out tcp 192.0.2.0/24 443`. */
import type { Profile } from '@cordon/protocol/console';
import { usage } from '../../command/failure.ts';

type Exception = Profile['exceptions'][number];

const highestPort = 65_535;

/** The server validates the network, and says what is wrong with it. */
export function parseRule(text: string): Exception {
  const [direction, protocol, network, ports, ...rest] = text.trim().toLowerCase().split(/\s+/);
  if (
    (direction !== 'in' && direction !== 'out') ||
    (protocol !== 'tcp' && protocol !== 'udp') ||
    network === undefined ||
    ports === undefined ||
    rest.length > 0
  ) {
    throw usage(`"${text}" is not a rule.`, 'Write it like "out tcp 192.0.2.0/24 443" or "in udp 2001:db8::/32 *".');
  }
  return { direction, protocol, network, ports: parsePorts(ports) };
}

export function ruleText({ direction, protocol, network, ports }: Exception): string {
  const range = ports === null ? '*' : ports.first === ports.last ? `${ports.first}` : `${ports.first}-${ports.last}`;
  return `${direction} ${protocol} ${network} ${range}`;
}

function parsePorts(text: string): Exception['ports'] {
  if (text === '*') return null;
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match !== null && first >= 1 && first <= last && last <= highestPort) return { first, last };
  throw usage(`"${text}" is not a port.`, 'Write one from 1 to 65535, a range like 8000-8100, or * for all.');
}
