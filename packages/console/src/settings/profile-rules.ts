/** The rules of a profile as lines of text: `out tcp 192.0.2.0/24 443`. */
import type { Profile } from '@cordon/protocol/console';

type Exception = Profile['exceptions'][number];

export function exceptionLine({ direction, protocol, network, ports }: Exception): string {
  const range = ports === null ? '' : ports.first === ports.last ? ` ${ports.first}` : ` ${ports.first}-${ports.last}`;
  return `${direction} ${protocol} ${network}${range}`;
}

/** Parses the rules, or throws an Error that names the invalid line. */
export function exceptionsIn(text: string): Exception[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(exceptionOf);
}

function exceptionOf(line: string): Exception {
  const found = /^(in|out)\s+(tcp|udp)\s+([0-9A-Fa-f.:/]+)(?:\s+(\d{1,5})(?:-(\d{1,5}))?)?$/.exec(line);
  const [, direction, protocol, network, first, last] = found ?? [];
  if (direction === undefined || protocol === undefined || network === undefined) {
    throw new Error(`"${line}" is not a valid rule. Example: out tcp 192.0.2.0/24 443`);
  }
  return {
    direction: direction === 'in' ? 'in' : 'out',
    protocol: protocol === 'tcp' ? 'tcp' : 'udp',
    network,
    ports: first === undefined ? null : { first: Number(first), last: Number(last ?? first) },
  };
}
