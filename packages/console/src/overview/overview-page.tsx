/** The overview: endpoints isolated now, and the fleet over time. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { DetectionSummary, Overview } from '@cordon/protocol/console';
import { detectionSummaryShape, overviewShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { withQuery } from '../calls/call.ts';
import { useLoaded } from '../calls/use-loaded.ts';
import { objectPath } from '../widgets/links.tsx';
import { Empty } from '../widgets/empty.tsx';
import { Notice } from '../widgets/notice.tsx';
import { isLimited } from '../session/permissions.ts';
import { Link, navigate, place, setQuery } from '../router/router.tsx';
import { countOf } from '../words/words.ts';
import { IsolatedNow } from './isolated-endpoints.tsx';
import { Plot } from './plot.tsx';

const hour = 3_600_000;
const ranges = [
  ['1', '1 hour'],
  ['24', '24 hours'],
  ['168', '7 days'],
  ['720', '30 days'],
] as const;

export function OverviewPage(): JSX.Element {
  const hours = place.value.query.get('hours') ?? '24';
  const now = useNow();
  // Rounded to the minute, so that the query stays the same while nothing changes.
  const since = now - Number(hours) * hour;
  const overview = useLoaded(overviewShape, withQuery(consolePaths.overview, { since }), ['agents', 'approvals']);
  const detections = useLoaded(detectionSummaryShape, withQuery(`${consolePaths.detections}/summary`, { since }), [
    'detections',
  ]);
  const shown = overview.data;
  return (
    <>
      <div class="bar">
        <h1>Overview</h1>
        <span class="grow" />
        <select
          aria-label="Time range"
          value={hours}
          onChange={(event) => setQuery({ hours: event.currentTarget.value })}
        >
          {ranges.map(([value, title]) => (
            <option key={value} value={value}>
              Last {title}
            </option>
          ))}
        </select>
      </div>
      <Notice kind="problem" text={overview.problem} />
      {shown === undefined ? <p class="quiet">Loading …</p> : <Figures overview={shown} />}
      {shown?.now.agents === 0 ? <NoEndpoint /> : null}
      {shown === undefined ? null : <IsolatedNow overview={shown} />}
      {shown === undefined ? null : <Plots overview={shown} detections={detections.data} />}
    </>
  );
}

function NoEndpoint(): JSX.Element {
  if (isLimited()) return <Empty title="No endpoints in your folders." />;
  return (
    <Empty title="No endpoints enrolled yet.">
      <p>
        Start with <Link to="/administration/enrolment">Enrolment</Link>.
      </p>
    </Empty>
  );
}

function Figures({ overview: { now } }: { overview: Overview }): JSX.Element {
  const figures = [
    [now.isolated, 'Isolated', '/endpoints?isolation=isolated'],
    [now.isolating, 'Isolation pending', '/endpoints?isolation=isolating'],
    [now.online, 'Online', '/endpoints?online=true'],
    [now.agents, 'Endpoints', '/endpoints'],
    [now.waiting, 'Awaiting approval', '/commands'],
  ] as const;
  return (
    <ul class="figures">
      {figures.map(([count, title, to]) => (
        <li key={title}>
          <Link to={to}>
            <strong>{count.toLocaleString()}</strong> {title}
          </Link>
        </li>
      ))}
    </ul>
  );
}

function Plots({
  overview,
  detections,
}: {
  overview: Overview;
  detections: DetectionSummary | undefined;
}): JSX.Element {
  const { latency, bucket, since, until } = overview;
  const span = { bucket, since, until };
  return (
    <div class="columns">
      {isLimited() ? null : <FleetPlots overview={overview} />}
      <Plot
        title="Time to isolate (p50, p99)"
        unit="ms"
        {...span}
        times={latency.map((one) => one.at)}
        lines={[
          { title: 'p50', values: latency.map((one) => one.p50) },
          { title: 'p99', values: latency.map((one) => one.p99) },
        ]}
        open={() => navigate('/commands')}
        opens="View commands"
        empty="No isolations in this period."
      />
      <Detected detections={detections} />
    </div>
  );
}

/** Measured for all endpoints together, so accounts limited to folders do not get it. */
function FleetPlots({ overview: { fleet, bucket, since, until } }: { overview: Overview }): JSX.Element {
  const span = { bucket, since, until };
  return (
    <>
      <Plot
        title="Endpoints online"
        unit="endpoints"
        {...span}
        times={fleet.map((one) => one.at)}
        lines={[{ title: 'online', values: fleet.map((one) => one.online) }]}
        open={() => navigate('/endpoints?online=true')}
        opens="View online endpoints"
        empty="Sampled once a minute. The first samples appear shortly."
      />
      <Plot
        title="Endpoints isolated"
        unit="endpoints"
        {...span}
        times={fleet.map((one) => one.at)}
        lines={[{ title: 'isolated', values: fleet.map((one) => one.isolated) }]}
        open={() => navigate('/endpoints?isolation=isolated')}
        opens="View isolated endpoints"
        empty="Sampled once a minute. The first samples appear shortly."
      />
    </>
  );
}

function Detected({ detections }: { detections: DetectionSummary | undefined }): JSX.Element {
  const objects = detections?.objects.slice(0, 10) ?? [];
  const most = Math.max(1, ...objects.map((one) => one.count));
  return (
    <section class="panel" aria-label="Detections by object">
      <h2>Detections by object</h2>
      {objects.length === 0 ? <p class="quiet">No detections in this period.</p> : null}
      <ol class="bars">
        {objects.map((one) => (
          <li key={`${one.type} ${one.content}`}>
            <Link to={objectPath(one)}>{one.content}</Link>
            <span class="amount">
              <i style={{ width: `${(one.count / most) * 100}%` }} />
              {countOf(one.count, 'detection')} on {countOf(one.agents, 'endpoint')}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Now, rounded to the minute. */
function useNow(): number {
  const [now, setNow] = useState(() => minuteOf(Date.now()));
  useEffect(() => {
    const timer = setInterval(() => setNow(minuteOf(Date.now())), 5000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

function minuteOf(milliseconds: number): number {
  return milliseconds - (milliseconds % 60_000);
}
