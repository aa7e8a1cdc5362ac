/** How common a file is in the fleet, as far as agents have reported. */
import type { JSX } from 'preact';
import type { Prevalence } from '@cordon/protocol/console';
import { Moment } from '../widgets/moment.tsx';

export function PrevalenceText({ prevalence }: { prevalence: Prevalence }): JSX.Element {
  const { agents, asked, of, hostNames, packages, lastSeenAt } = prevalence;
  return (
    <p>
      Found on {agents} of {asked} scanned endpoints ({of} in total)
      {hostNames.length === 0 ? '' : `: ${hostNames.slice(0, 8).join(', ')}${hostNames.length > 8 ? ' …' : ''}`}.
      {packages.length === 0 ? '' : ` Belongs to ${packages.join(', ')}.`}
      {lastSeenAt === null ? null : (
        <>
          {' '}
          Last seen <Moment at={lastSeenAt} ago />.
        </>
      )}
    </p>
  );
}
