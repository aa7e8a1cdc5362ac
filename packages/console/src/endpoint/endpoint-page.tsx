/** The page of one endpoint: status, proof, history and actions. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AgentDetails } from '@cordon/protocol/console';
import { agentDetailsShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { ActDialog } from '../acts/act-dialog.tsx';
import type { Act } from '../acts/perform.ts';
import { send } from '../calls/call.ts';
import { useLive } from '../calls/live.ts';
import { useLoaded } from '../calls/use-loaded.ts';
import { Confirm } from '../forms/confirm.tsx';
import { Missing } from '../widgets/missing.tsx';
import { Moment } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { may } from '../session/permissions.ts';
import { Link, navigate } from '../router/router.tsx';
import { useTitle } from '../router/title.ts';
import { FindDialog } from '../tasks/search-dialog.tsx';
import { SweepDialog } from '../tasks/scan-dialog.tsx';
import { BreakGlass } from './break-glass-dialog.tsx';
import { Enforced } from './enforcement-panel.tsx';
import { Inventory } from './inventory-panel.tsx';
import { MoveDialog } from '../endpoints/move-dialog.tsx';
import { Receipt } from './isolation-panel.tsx';
import { IsolationBadge, OnlineMark } from '../widgets/isolation-badge.tsx';
import { Timeline } from './timeline.tsx';

type Doing = Act | 'break-glass' | 'forget' | 'move' | 'sweep' | 'find';

export function EndpointPage({ id }: { id: string }): JSX.Element {
  const path = `${consolePaths.agents}/${encodeURIComponent(id)}`;
  const { data, problem, reload } = useLoaded(agentDetailsShape, path);
  const [doing, setDoing] = useState<Doing>();
  useTitle(data?.hostName);
  useLive(['agents'], (ids) => {
    if (ids.length === 0 || ids.includes(id)) void reload();
  });
  if (data === undefined) return <Missing what="endpoint" problem={problem} to="/endpoints" />;
  return (
    <>
      <p class="way">
        <Link to="/endpoints">Endpoints</Link> ›
      </p>
      <h1>{data.hostName === '' ? data.agent : data.hostName}</h1>
      <p class="states" role="status">
        <IsolationBadge isolation={data.isolation} /> <OnlineMark online={data.online} />
        {data.protected ? <span class="quiet">Protected – isolation needs approval</span> : null}
      </p>
      <Notice kind="problem" text={problem} />
      <Notice kind="warning" text={data.problem ?? undefined} />
      <Tampering details={data} />
      <EndpointActs details={data} begin={setDoing} changed={() => void reload()} />
      <div class="columns">
        <Receipt details={data} />
        <div>
          <Enforced details={data} move={() => setDoing('move')} />
          <Inventory details={data} />
        </div>
      </div>
      <Timeline agent={data.agent} />
      <Doings doing={doing} details={data} close={() => setDoing(undefined)} done={() => void reload()} />
    </>
  );
}

function Tampering({ details: { tampering } }: { details: AgentDetails }): JSX.Element | null {
  if (tampering === null) return null;
  return (
    <Notice kind="warning">
      The isolation rules were changed on the endpoint {tampering.count} {tampering.count === 1 ? 'time' : 'times'},
      most recently <Moment at={tampering.lastAt} ago />. Each change was reverted.
    </Notice>
  );
}

interface ActsProps {
  readonly details: AgentDetails;
  readonly begin: (doing: Doing) => void;
  readonly changed: () => void;
}

function EndpointActs({ details, begin, changed }: ActsProps): JSX.Element | null {
  if (!may('isolate')) return null;
  const { desired, isolation, reported } = details;
  const protect = async (): Promise<void> => {
    const path = `${consolePaths.agents}/${encodeURIComponent(details.agent)}`;
    await send('PATCH', path, { body: { protected: !details.protected } });
    changed();
  };
  return (
    <div class="bar">
      {desired === 'isolated' ? (
        <button type="button" class="primary" onClick={() => begin('release')}>
          Release …
        </button>
      ) : null}
      <button
        type="button"
        class={desired === 'isolated' ? undefined : 'danger'}
        disabled={isolation === 'unsupported'}
        onClick={() => begin('isolate')}
      >
        {desired === 'isolated' ? 'Edit isolation …' : 'Isolate …'}
      </button>
      {desired === 'isolated' || reported !== 'normal' ? (
        <button type="button" onClick={() => begin('break-glass')}>
          Break-glass code …
        </button>
      ) : null}
      {may('request-tasks') ? (
        <>
          <button type="button" onClick={() => begin('sweep')}>
            Scan …
          </button>
          <button type="button" onClick={() => begin('find')}>
            Search for a file …
          </button>
        </>
      ) : null}
      {may('administer') ? (
        <>
          <button type="button" onClick={() => void protect()}>
            {details.protected ? 'Remove protection' : 'Protect'}
          </button>
          <button type="button" onClick={() => begin(details.online ? 'uninstall' : 'forget')}>
            {details.online ? 'Uninstall …' : 'Forget …'}
          </button>
        </>
      ) : null}
    </div>
  );
}

interface DoingsProps {
  readonly doing: Doing | undefined;
  readonly details: AgentDetails;
  readonly close: () => void;
  readonly done: () => void;
}

function Doings({ doing, details, close, done }: DoingsProps): JSX.Element | null {
  const { agent, hostName } = details;
  if (doing === undefined) return null;
  if (doing === 'break-glass') return <BreakGlass details={details} close={close} />;
  if (doing === 'sweep') return <SweepDialog only={{ agent, hostName }} close={close} />;
  if (doing === 'find') return <FindDialog only={{ agent, hostName }} close={close} />;
  if (doing === 'move') {
    return <MoveDialog targets={[{ agent, hostName }]} from={details.group} close={close} done={done} />;
  }
  if (doing !== 'forget') return <ActDialog act={doing} targets={[{ agent, hostName }]} close={close} done={done} />;
  return (
    <Confirm
      title={`Forget ${hostName}`}
      act={`Forget ${hostName}`}
      perform={() => send('DELETE', `${consolePaths.agents}/${encodeURIComponent(agent)}`)}
      done={() => navigate('/endpoints')}
      cancel={close}
    >
      <p>
        The endpoint is removed from every list and must enrol again to come back. Nothing is sent to it: if it is
        isolated, it stays isolated until somebody releases it on the endpoint.
      </p>
    </Confirm>
  );
}
