/** The inventory of an endpoint: everything known except its isolation. */
import type { JSX } from 'preact';
import type { AgentDetails } from '@cordon/protocol/console';
import { Facts } from '../widgets/facts.tsx';
import { Moment } from '../widgets/moment.tsx';

export function Inventory({ details }: { details: AgentDetails }): JSX.Element {
  return (
    <section class="panel" aria-label="Inventory">
      <h2>Inventory</h2>
      <Facts
        of={[
          ['Entity ID', <code>{details.agent}</code>],
          ['Platform', details.platform],
          ['Agent', details.agentVersion],
          ['IP addresses', listed(details.ipAddresses)],
          ['MAC addresses', listed(details.macAddresses)],
          ['Folder', details.folder],
          ['Managing server', <code>{details.server}</code>],
          ['Enrolled', <Moment at={details.enrolledAt} />],
          ['Last seen', <Moment at={details.lastSeenAt} ago />],
        ]}
      />
    </section>
  );
}

function listed(addresses: string): JSX.Element | string {
  return addresses === '' ? <span class="quiet">not reported</span> : addresses.replaceAll(',', ', ');
}
