/** The inventory of an endpoint: everything known except its isolation. */
import type { JSX } from 'preact';
import type { AgentDetails } from '@cordon/protocol/console';
import { Moment } from '../widgets/moment.tsx';

export function Inventory({ details }: { details: AgentDetails }): JSX.Element {
  return (
    <section class="panel" aria-label="Inventory">
      <h2>Inventory</h2>
      <dl class="facts">
        <dt>Entity ID</dt>
        <dd>
          <code>{details.agent}</code>
        </dd>
        <dt>Platform</dt>
        <dd>{details.platform}</dd>
        <dt>Agent</dt>
        <dd>{details.agentVersion}</dd>
        <dt>IP addresses</dt>
        <dd>{listed(details.ipAddresses)}</dd>
        <dt>MAC addresses</dt>
        <dd>{listed(details.macAddresses)}</dd>
        <dt>Folder</dt>
        <dd>{details.folder}</dd>
        <dt>Managing server</dt>
        <dd>
          <code>{details.server}</code>
        </dd>
        <dt>Enrolled</dt>
        <dd>
          <Moment at={details.enrolledAt} />
        </dd>
        <dt>Last seen</dt>
        <dd>
          <Moment at={details.lastSeenAt} ago />
        </dd>
      </dl>
    </section>
  );
}

function listed(addresses: string): JSX.Element | string {
  return addresses === '' ? <span class="quiet">not reported</span> : addresses.replaceAll(',', ', ');
}
