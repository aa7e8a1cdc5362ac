/** The managing servers page: the nodes of this installation, and which are alive. */
import type { JSX } from 'preact';
import { managingServerListShape } from '@cordon/protocol/console';
import type { ManagingServer } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { ListPage } from '../list/list-page.tsx';
import { useList, wholeOf } from '../list/use-list.ts';
import type { ListSpec } from '../list/use-list.ts';
import { Badge } from '../widgets/badge.tsx';
import { Moment } from '../widgets/moment.tsx';

export function ServersPage(): JSX.Element {
  return <ListPage spec={servers} list={useList(servers)} />;
}

const servers: ListSpec<ManagingServer> = {
  title: 'Managing servers',
  lead: 'Nodes that share this database. An endpoint connects to its own node first and fails over to any other. A second node needs PostgreSQL: start it with the same database and master key, and it appears here.',
  nouns: 'servers',
  load: wholeOf(managingServerListShape, consolePaths.servers, (answer) => answer.servers),
  keyOf: (row) => row.id,
  columns: [
    {
      title: 'Host name',
      head: true,
      cell: (row) => (
        <>
          {row.hostName}
          {row.current ? <span class="quiet"> · this node</span> : null}
        </>
      ),
    },
    {
      title: 'State',
      cell: (row) => (row.alive ? <Badge tone="good">Running</Badge> : <Badge tone="danger">Not responding</Badge>),
    },
    { title: 'Last seen', cell: (row) => <Moment at={row.seenAt} ago /> },
    { title: 'Started', cell: (row) => <Moment at={row.startedAt} /> },
    { title: 'Version', cell: (row) => row.version },
    { title: 'Agent addresses', cell: (row) => row.gateways.join(', ') },
    { title: 'Server ID', cell: (row) => <code>{row.id}</code> },
    { title: 'Certificate (SHA-256)', cell: (row) => <code>{row.fingerprint}</code> },
  ],
};
