/** Enforces listed addresses and names in the namespace it is started in, on commands as JSON lines. */
import { createInterface } from 'node:readline';
import type { ObjectEntry } from '@cordon/protocol/channel';
import { nftText } from '../../packages/agent/src/kernel/nftables/text.ts';
import { systemCalls } from '../../packages/agent/src/kernel/calls.ts';
import { entriesFrom } from '../../packages/agent/src/enforcer/address-blocking/entries.ts';
import { NftablesAddresses } from '../../packages/agent/src/enforcer/address-blocking/nftables-addresses.ts';
import { AddressBlocking } from '../../packages/agent/src/enforcer/address-blocking/address-blocking.ts';
import { addressTable, addressTableName } from '../../packages/agent/src/enforcer/address-blocking/ruleset.ts';
import { exemptAddresses } from '../../packages/agent/src/enforcer/address-blocking/exempt-addresses.ts';

/** Features that the kernel lacks. */
const atMost = JSON.parse(process.argv[2] ?? '{}');
const calls = systemCalls();
const kernel = new NftablesAddresses(calls, atMost);
const network = new AddressBlocking({
  kernel,
  now: Date.now,
  userName: (id) => (id === 0 ? 'root' : ''),
  log: (what, more) => emit({ event: 'log', what, ...more }),
  onMatch: (match) => emit({ event: 'match', ...match }),
  changed: () => undefined,
});

type Listed = Partial<ObjectEntry> & Pick<ObjectEntry, 'content'>;

interface Command {
  readonly do: 'apply' | 'text' | 'state' | 'remove' | 'stall' | 'work';
  readonly objects?: readonly Listed[];
  /** This many addresses from 100.64.0.0 on, two apart. */
  readonly many?: number;
  readonly mode?: 'off' | 'log' | 'enforce';
  readonly gateways?: readonly string[];
}

function emit(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function obey(command: Command): void {
  switch (command.do) {
    case 'apply': {
      const objects = [...(command.objects ?? []), ...manyOf(command.many ?? 0)].map((one) => held(one));
      const settings = { group: 'default', network: command.mode ?? 'enforce' } as const;
      const before = performance.now();
      network.apply({ objects, settings, gateways: command.gateways ?? [] });
      const took = performance.now() - before;
      return emit({ event: 'applied', took, ...network.state });
    }
    case 'text':
      return emit({ event: 'text', text: textFor(command) });
    case 'remove':
      network.apply({ objects: [], settings: { group: 'default', network: 'off' }, gateways: [] });
      return emit({ event: 'removed' });
    case 'stall': {
      const asked = performance.now();
      setTimeout(() => emit({ event: 'stalled', milliseconds: performance.now() - asked }), 0);
      return;
    }
    case 'work': {
      const { user, system } = process.cpuUsage();
      return emit({ event: 'worked', milliseconds: (user + system) / 1000 });
    }
    case 'state':
      return emit({ event: 'state', ...network.state });
  }
}

/** What nft(8) would have to read to get the same result. */
function textFor({ objects = [], gateways = [] }: Command): string {
  const settings = { group: 'default', network: 'enforce' } as const;
  const kept = exemptAddresses({ gateways, own: kernel.ownAddresses() });
  const { sets, names } = entriesFrom(
    objects.map((one) => held(one)),
    { settings, now: Date.now(), kept },
  );
  const machine = { features: { persist: false, reject: true, log: true }, group: 49_230, slot: 'a' } as const;
  return nftText([addressTable(sets, { names: names.length > 0, machine })], ['inet'], addressTableName);
}

function manyOf(count: number): Listed[] {
  return Array.from({ length: count }, (_, index) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(0x64_40_00_00 + index * 2);
    return { content: bytes.join('.') };
  });
}

function held(listed: Listed): ObjectEntry {
  return { type: 'ip', action: 'block', size: null, sha256: null, expiresAt: null, ...listed };
}

createInterface({ input: process.stdin })
  .on('line', (line) => obey(JSON.parse(line)))
  .on('close', () => process.exit(0));
emit({ event: 'ready', ...network.state });
