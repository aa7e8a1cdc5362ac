/** The enrolment page: create a token, copy one line, run it on an endpoint, and see the agent arrive. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ListedEndpoint, NewEnrolmentToken } from '@cordon/protocol/console';
import { agentPageShape, newEnrolmentTokenShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, withQuery } from '../calls/call.ts';
import { useLive } from '../calls/live.ts';
import { IsolationBadge, OnlineMark } from '../widgets/isolation-badge.tsx';
import { Copy } from '../widgets/copy.tsx';
import { Choice, Field } from '../forms/field.tsx';
import { numberIn, textIn } from '../forms/form-data.ts';
import { Form } from '../forms/form.tsx';
import { EndpointLink } from '../widgets/links.tsx';
import { Moment } from '../widgets/moment.tsx';
import { countOf } from '../words/words.ts';

const lifetimes = [
  ['3600', '1 hour'],
  ['86400', '1 day'],
  ['604800', '7 days'],
  ['2592000', '30 days'],
] as const;

export function EnrolmentPage(): JSX.Element {
  const [made, setMade] = useState<{ token: NewEnrolmentToken; at: number }>();
  const make = async (fields: FormData): Promise<void> => {
    const note = textIn(fields, 'note').trim();
    const body = { uses: numberIn(fields, 'uses') ?? 1, validSeconds: numberIn(fields, 'valid'), note };
    const at = Date.now();
    setMade({ token: await read(newEnrolmentTokenShape, 'POST', consolePaths.enrolmentTokens, { body }), at });
  };
  return (
    <>
      <h1>Enrolment</h1>
      <p class="lead">
        An endpoint enrols with a token. The token also contains the server and the signing key that the endpoint
        trusts.
      </p>
      <section class="panel" aria-label="New token">
        <h2>1. Create a token</h2>
        <Form act="Create token" submit={make}>
          <Field label="Number of endpoints" name="uses" type="number" value={1} min={1} max={100_000} required />
          <Choice label="Valid for" name="valid" value="86400" choices={lifetimes} />
          <Field label="Note" name="note" maxLength={256} placeholder="What it is for" />
        </Form>
      </section>
      {made === undefined ? null : <UseIt token={made.token} since={made.at} />}
    </>
  );
}

function UseIt({ token, since }: { token: NewEnrolmentToken; since: number }): JSX.Element {
  return (
    <>
      <section class="panel" aria-label="Command to run">
        <h2>2. Run this command on the endpoint as root</h2>
        <p>
          The token is shown once. It enrols {countOf(token.uses, 'endpoint')} and expires{' '}
          <Moment at={token.expiresAt} />.
        </p>
        {token.installLine === null ? (
          <>
            <Copy long label="command" value={`cordon-agent enrol ${token.token}`} />
            <p class="quiet">Then start it: systemctl enable --now cordon-agent.target (or: cordon-agent run)</p>
            <p class="quiet">This server offers no agent package, so install the agent first.</p>
          </>
        ) : (
          <>
            <Copy long label="command" value={token.installLine} />
            <p class="quiet">It installs or updates the agent, enrols the endpoint and starts the agent.</p>
          </>
        )}
      </section>
      <Arrivals key={token.id} since={since} />
    </>
  );
}

/** Endpoints that enrolled since the token was created. */
function Arrivals({ since }: { since: number }): JSX.Element {
  const [arrived, setArrived] = useState<readonly ListedEndpoint[]>([]);
  const look = async (): Promise<void> => {
    const page = await read(
      agentPageShape,
      'GET',
      withQuery(consolePaths.agents, { enrolledSince: since, limit: 100 }),
    );
    setArrived(page.agents);
  };
  useLive(['agents'], () => void look());
  useEffect(() => {
    // An agent that enrols but does not connect causes no event, so the page polls.
    const timer = setInterval(() => void look(), 5000);
    return () => clearInterval(timer);
  }, []);
  return (
    <section class="panel" aria-label="New endpoints">
      <h2>3. Wait for the endpoint to appear</h2>
      <div role="status">
        {arrived.length === 0 ? <p class="quiet">Waiting for the first endpoint …</p> : null}
        <ul class="affected">
          {arrived.map((one) => (
            <li key={one.agent}>
              <EndpointLink of={one} /> <OnlineMark online={one.online} /> <IsolationBadge isolation={one.isolation} />{' '}
              enrolled <Moment at={one.enrolledAt} ago />
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}
