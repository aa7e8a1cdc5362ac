/** The page of one object: where it is enforced, where not and why, its prevalence, and undo. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ObjectDetails, ObjectStatus } from '@cordon/protocol/console';
import { objectDetailsShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { Refused, send } from '../calls/call.ts';
import { useLoaded } from '../calls/use-loaded.ts';
import { Badge } from '../widgets/badge.tsx';
import type { Tone } from '../widgets/badge.tsx';
import { Confirm } from '../forms/confirm.tsx';
import { EndpointLink } from '../widgets/links.tsx';
import { Facts } from '../widgets/facts.tsx';
import { inWords } from '../words/words.ts';
import { Missing } from '../widgets/missing.tsx';
import { Moment } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { Table } from '../list/table.tsx';
import { isLimited, may } from '../session/permissions.ts';
import { Link, navigate } from '../router/router.tsx';
import { useTitle } from '../router/title.ts';
import { enforcedIn } from './enforced-in.ts';
import { ObjectForm } from './object-form.tsx';
import { PrevalenceText } from './prevalence.tsx';

export function ObjectPage({ type, content }: { type: string; content: string }): JSX.Element {
  const { data, problem, reload } = useLoaded(
    objectDetailsShape,
    `${consolePaths.objects}/${encodeURIComponent(type)}/${encodeURIComponent(content)}`,
    ['objects', 'detections'],
  );
  const [doing, setDoing] = useState<'edit' | 'undo'>();
  useTitle(data?.object.content);
  if (data === undefined) return <Missing what="object" problem={problem} to="/objects" />;
  const { object } = data;
  return (
    <>
      <p class="way">
        <Link to="/objects">Suspicious objects</Link> ›
      </p>
      <h1 class="text">{object.content}</h1>
      <Notice kind="warning" text={object.halted?.message} />
      {may('change-objects') ? (
        <div class="bar">
          <button type="button" onClick={() => setDoing('edit')}>
            Edit …
          </button>
          <button type="button" class="danger" onClick={() => setDoing('undo')}>
            Undo …
          </button>
        </div>
      ) : null}
      <ObjectFacts details={data} />
      <h2 class="apart">Rollout</h2>
      <Rollout details={data} />
      <Doings doing={doing} details={data} close={() => setDoing(undefined)} done={() => void reload()} />
    </>
  );
}

interface DoingsProps {
  readonly doing: 'edit' | 'undo' | undefined;
  readonly details: ObjectDetails;
  readonly close: () => void;
  readonly done: () => void;
}

function Doings({ doing, details: { object }, close, done }: DoingsProps): JSX.Element | null {
  const [asked, setAsked] = useState(false);
  if (doing === undefined) return null;
  const changed = (): void => {
    close();
    done();
  };
  if (doing === 'edit') return <ObjectForm object={object} close={close} done={changed} />;
  const name = { type: object.type, content: object.content };
  return (
    <Confirm
      title="Remove from the list"
      act="Remove from the list"
      perform={async () => {
        try {
          await send('POST', `${consolePaths.objects}/undo`, { body: { ...name, confirmed: asked } });
        } catch (error) {
          if (!(error instanceof Refused) || error.reason !== 'still-listed') throw error;
          setAsked(true);
          throw new Error(
            `${error.message.replace(/ Say "confirmed".*$/, '')} Press the button again to remove it anyway.`,
            {
              cause: error,
            },
          );
        }
      }}
      done={() => navigate('/objects')}
      cancel={close}
    >
      <p>{whatIsPutBack(object.quarantined)}</p>
    </Confirm>
  );
}

function whatIsPutBack(files: number): string {
  if (files === 0) return 'The object is removed from the list. No files were quarantined for it.';
  const what =
    files === 1
      ? 'the file quarantined for it is restored to its original path'
      : `the ${files} files quarantined for it are restored to their original paths`;
  return `The object is removed from the list, and ${what}, on every endpoint.`;
}

function ObjectFacts({ details: { object, prevalence } }: { details: ObjectDetails }): JSX.Element {
  const { type, content } = object;
  const quarantinePlace = `/quarantine?type=${type}&content=${encodeURIComponent(content)}`;
  return (
    <section class="panel" aria-label="Object">
      <Facts
        of={[
          ['Type', inWords(type)],
          ['Scan action', inWords(object.action)],
          ['Enforced in', enforcedIn(object)],
          ['Note', object.notes],
          ['Expires', <Moment at={object.expiresAt} />],
          object.sha256 !== null && ['SHA-256', <code>{object.sha256}</code>],
          ['Added', <Moment at={object.addedAt} />],
          ['Detections', <Link to={`/detections?search=${encodeURIComponent(content)}`}>{object.detections}</Link>],
          [
            'Quarantined files',
            isLimited() ? object.quarantined : <Link to={quarantinePlace}>{object.quarantined}</Link>,
          ],
          [
            'Prevalence',
            prevalence === null ? (
              <span class="quiet">Available for files only</span>
            ) : (
              <PrevalenceText prevalence={prevalence} />
            ),
          ],
        ]}
      />
    </section>
  );
}

const tones: Record<ObjectStatus['status'], Tone> = {
  enforced: 'good',
  logged: 'neutral',
  'not-enforced': 'warning',
  pending: 'warning',
};

function Rollout({ details: { counts, agents } }: { details: ObjectDetails }): JSX.Element {
  return (
    <>
      <p role="status">
        {counts.enforced} enforcing, {counts.logged} logging, {counts.notEnforced} not enforcing, {counts.pending}{' '}
        pending
      </p>
      <Table
        label="Rollout"
        rows={agents}
        keyOf={(row) => row.agent}
        columns={[
          {
            title: 'Endpoint',
            head: true,
            cell: (row) => <EndpointLink of={row} />,
          },
          { title: 'Group', cell: (row) => row.group },
          { title: 'Status', cell: (row) => <Badge tone={tones[row.status]}>{inWords(row.status)}</Badge> },
          { title: 'Reason', cell: (row) => row.message ?? '' },
        ]}
      />
    </>
  );
}
