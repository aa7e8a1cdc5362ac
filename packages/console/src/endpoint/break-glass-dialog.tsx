/**
 * Shows the code that releases an isolation at the endpoint when no server is reachable. Showing it is confirmed and
 * audited.
 */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AgentDetails, BreakGlassCode } from '@cordon/protocol/console';
import { breakGlassCodeShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read } from '../calls/call.ts';
import { Confirm } from '../forms/confirm.tsx';
import { ShownOnce } from '../forms/shown-once.tsx';

export function BreakGlass({ details, close }: { details: AgentDetails; close: () => void }): JSX.Element {
  const [code, setCode] = useState<BreakGlassCode>();
  if (code === undefined) {
    const path = `${consolePaths.agents}/${encodeURIComponent(details.agent)}/break-glass`;
    return (
      <Confirm
        title={`Break-glass code for ${details.hostName}`}
        act="Show code"
        perform={async () => setCode(await read(breakGlassCodeShape, 'POST', path))}
        cancel={close}
      >
        <p>
          Entering this code on {details.hostName} releases its current isolation, even without a connection to the
          server. The audit log records that you viewed it.
        </p>
      </Confirm>
    );
  }
  return (
    <ShownOnce
      long
      title={`Break-glass code for ${details.hostName}`}
      label="the command"
      value={`cordon-agent break-glass ${code.code}`}
      end="Close"
      close={close}
    >
      Run this on the endpoint as root:
    </ShownOnce>
  );
}
