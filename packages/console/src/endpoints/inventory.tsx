/** What is known of an endpoint besides its isolation. */
import type { JSX } from 'preact';
import type { AgentDetails, AgentPage } from '@cordon/protocol/console';
import { useLoaded } from '../calls/loaded.ts';
import { Moment } from '../parts/moment.tsx';
import { partPath } from './query.ts';

export function Inventory({ details }: { details: AgentDetails }): JSX.Element {
  // Addresses and folder are in the list only; a host name finds its row.
  const { data } = useLoaded<AgentPage>(partPath({ search: details.hostName, isolation: '', online: '' }, 0, 100));
  const row = data?.agents.find((one) => one.agent === details.agent);
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
        <dd>{row?.ipAddresses.replaceAll(',', ', ') ?? ''}</dd>
        <dt>MAC addresses</dt>
        <dd>{row?.macAddresses.replaceAll(',', ', ') ?? ''}</dd>
        <dt>Folder</dt>
        <dd>{row?.folder ?? ''}</dd>
        <dt>Managing server</dt>
        <dd>
          <code>{row?.server ?? ''}</code>
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
