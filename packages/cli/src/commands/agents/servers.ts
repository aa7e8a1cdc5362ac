/** The command about servers. */
import type { Server } from '@cordon/sdk';
import type { Command, Invocation } from '../../command/command.ts';
import { apiClient } from '../../connection/connection.ts';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';

export const commands: readonly Command[] = [
  {
    name: 'servers list',
    summary: 'List the servers that manage agents.',
    options: [
      ['--host-name <name>', 'Host name.'],
      ['--ip <address>', 'An IP address of the server.'],
      ['--product <value>', 'Product value.'],
      ['--entity-id <id>', 'Entity ID.'],
    ],
    example: 'cordon servers list',
    run: list,
  },
];

const columns: readonly Column<Server>[] = [
  { title: 'HOST NAME', cell: (server) => server.hostName, cut: true },
  { title: 'ADDRESSES', cell: (server) => server.addresses.join(' '), cut: true, spare: true },
  { title: 'PRODUCT', cell: (server) => server.product, cut: true, spare: true },
  { title: 'ENTITY ID', cell: (server) => server.entityId },
];

async function list(call: Invocation): Promise<void> {
  const query = {
    hostName: call.option('hostName'),
    ipAddress: call.option('ip'),
    product: call.option('product'),
    entityId: call.option('entityId'),
  };
  const servers = await (await apiClient(call)).servers.list(query, { signal: call.world.signal });
  call.print(servers, servers.length === 0 ? 'No servers.\n' : table(columns, servers, call.world.out));
}
