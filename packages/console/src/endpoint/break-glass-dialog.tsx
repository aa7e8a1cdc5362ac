/**
 * Shows the code that releases an isolation at the endpoint when no server is reachable. Showing it is confirmed and
 * audited.
 */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AgentDetails, BreakGlassCodes } from '@cordon/protocol/console';
import { breakGlassCodesShape, releaseCommand } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read } from '../calls/call.ts';
import { Confirm } from '../forms/confirm.tsx';
import { ShownOnce } from '../forms/shown-once.tsx';

export function BreakGlass({ details, close }: { details: AgentDetails; close: () => void }): JSX.Element {
  const [found, setFound] = useState<BreakGlassCodes>();
  const [first, second] = found?.codes ?? [];
  if (first === undefined) {
    const path = `${consolePaths.agents}/${encodeURIComponent(details.agent)}/break-glass`;
    return (
      <Confirm
        title={`Break-glass code for ${details.hostName}`}
        act="Show code"
        perform={async () => setFound(await read(breakGlassCodesShape, 'POST', path))}
        cancel={close}
      >
        <p>
          Entering this code on {details.hostName} releases its isolation, even without a connection to the server. The
          audit log records that you viewed it.
        </p>
      </Confirm>
    );
  }
  return (
    <ShownOnce
      long
      title={`Break-glass code for ${details.hostName}`}
      label="the command"
      value={releaseCommand(first.code)}
      end="Close"
      close={close}
    >
      {second === undefined ? null : (
        <>
          It has not confirmed the newest desired state. If it says that the code is for another isolation, use{' '}
          <code>{releaseCommand(second.code)}</code>.{' '}
        </>
      )}
      Run this on the endpoint as root:
    </ShownOnce>
  );
}
