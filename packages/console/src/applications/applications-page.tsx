/** Automation API Access Settings: who may call the Automation API, as both of the vendor's guides walk through it. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Application, ApplicationDraft, ApplicationWithKey } from '@cordon/protocol/console';
import { applicationDraftShape, applicationListShape, applicationWithKeyShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, send } from '../calls/call.ts';
import { messageOf, useLoaded } from '../calls/use-loaded.ts';
import { Badge } from '../widgets/badge.tsx';
import { Confirm } from '../forms/confirm.tsx';
import { Empty } from '../widgets/empty.tsx';
import { Moment, spanOf } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { Table } from '../widgets/table.tsx';
import type { Column } from '../widgets/table.tsx';
import { AccessSection } from './access-section.tsx';
import { NewKey } from './new-key.tsx';

/** What the page is about to do, or has just done. */
type Doing =
  | { readonly kind: 'list' }
  | { readonly kind: 'add'; readonly draft: ApplicationDraft }
  | { readonly kind: 'edit' | 'rotate' | 'delete'; readonly application: Application }
  | { readonly kind: 'rotated'; readonly made: ApplicationWithKey };

export function ApplicationsPage(): JSX.Element {
  const { data, problem, reload } = useLoaded(applicationListShape, consolePaths.applications);
  const [doing, setDoing] = useState<Doing>({ kind: 'list' });
  const [failed, setFailed] = useState<string>();
  const done = (): void => {
    setDoing({ kind: 'list' });
    void reload();
  };
  const add = async (): Promise<void> => {
    try {
      setFailed(undefined);
      const draft = await read(applicationDraftShape, 'POST', `${consolePaths.applications}/draft`);
      setDoing({ kind: 'add', draft });
    } catch (error) {
      setFailed(messageOf(error));
    }
  };
  const applications = data?.applications ?? [];
  return (
    <>
      <h1>Automation API Access Settings</h1>
      <p class="lead">External applications sign their requests with an application ID and API key from this page.</p>
      <Notice kind="problem" text={failed ?? problem} />
      {doing.kind === 'add' ? <AccessSection draft={doing.draft} done={done} /> : null}
      {doing.kind === 'edit' ? <AccessSection application={doing.application} done={done} /> : null}
      <div class="bar">
        <button type="button" class="primary" disabled={doing.kind === 'add'} onClick={() => void add()}>
          Add
        </button>
      </div>
      {data !== undefined && applications.length === 0 ? (
        <Empty title="No applications yet.">
          <p>Click Add to create an application ID and an API key.</p>
        </Empty>
      ) : (
        <ApplicationTable applications={applications} begin={setDoing} changed={() => void reload()} />
      )}
      <ApplicationDialogs doing={doing} setDoing={setDoing} done={done} />
    </>
  );
}

interface TableProps {
  readonly applications: readonly Application[];
  readonly begin: (doing: Doing) => void;
  readonly changed: () => void;
}

function ApplicationTable({ applications, begin, changed }: TableProps): JSX.Element {
  const acts: Column<Application> = {
    title: 'Actions',
    kind: 'acts',
    cell: (application) => <Acts application={application} begin={begin} changed={changed} />,
  };
  return <Table label="Applications" columns={[...columns, acts]} rows={applications} keyOf={(one) => one.id} />;
}

const columns: readonly Column<Application>[] = [
  { title: 'Application name', head: true, cell: (one) => one.name },
  { title: 'Application ID', cell: (one) => <code>{one.id}</code> },
  { title: 'API type', cell: (one) => one.apiType },
  {
    title: 'Status',
    cell: (one) => (one.enabled ? <Badge tone="good">Enabled</Badge> : <Badge tone="neutral">Disabled</Badge>),
  },
  { title: 'Communication time-out', cell: (one) => spanOf(one.timeoutSeconds * 1000) },
  { title: 'Added', cell: (one) => <Moment at={one.createdAt} /> },
  {
    title: 'Last used',
    cell: (one) => (
      <>
        <Moment at={one.lastUsedAt} ago />
        {one.lastUsedFrom === null ? null : <span class="quiet"> from {one.lastUsedFrom}</span>}
      </>
    ),
  },
];

function Acts({
  application,
  begin,
  changed,
}: Omit<TableProps, 'applications'> & { application: Application }): JSX.Element {
  const { id, name, enabled } = application;
  const toggle = async (): Promise<void> => {
    await send('PATCH', `${consolePaths.applications}/${id}`, { body: { enabled: !enabled } });
    changed();
  };
  return (
    <>
      <button type="button" aria-label={`Edit ${name}`} onClick={() => begin({ kind: 'edit', application })}>
        Edit
      </button>
      <button type="button" aria-label={`${enabled ? 'Disable' : 'Enable'} ${name}`} onClick={() => void toggle()}>
        {enabled ? 'Disable' : 'Enable'}
      </button>
      <button type="button" aria-label={`New key for ${name}`} onClick={() => begin({ kind: 'rotate', application })}>
        New key
      </button>
      <button type="button" aria-label={`Delete ${name}`} onClick={() => begin({ kind: 'delete', application })}>
        Delete
      </button>
    </>
  );
}

interface DialogsProps {
  readonly doing: Doing;
  readonly setDoing: (doing: Doing) => void;
  readonly done: () => void;
}

function ApplicationDialogs({ doing, setDoing, done }: DialogsProps): JSX.Element | null {
  const close = (): void => setDoing({ kind: 'list' });
  if (doing.kind === 'rotated') return <NewKey made={doing.made} close={done} />;
  if (doing.kind === 'rotate') {
    const { id, name } = doing.application;
    const rotate = async (): Promise<void> => {
      const made = await read(applicationWithKeyShape, 'POST', `${consolePaths.applications}/${id}/rotate`);
      setDoing({ kind: 'rotated', made });
    };
    return (
      <Confirm
        title={`New key for ${name}`}
        act="Create a new key"
        perform={rotate}
        done={() => undefined}
        cancel={close}
      >
        <p>The current key stops working immediately. Programs that use it are refused until they have the new one.</p>
        <LastUse application={doing.application} />
      </Confirm>
    );
  }
  if (doing.kind !== 'delete') return null;
  const { id, name } = doing.application;
  const remove = (): Promise<void> => send('DELETE', `${consolePaths.applications}/${id}`);
  return (
    <Confirm title={`Delete ${name}`} act="Delete application" perform={remove} done={done} cancel={close}>
      <p>Its requests are refused from now on, and its key cannot be recovered.</p>
      <LastUse application={doing.application} />
    </Confirm>
  );
}

function LastUse({ application }: { application: Application }): JSX.Element {
  const { lastUsedAt, lastUsedFrom } = application;
  if (lastUsedAt === null) return <p>It has never been used.</p>;
  return (
    <p>
      It was last used <Moment at={lastUsedAt} ago /> from {lastUsedFrom}.
    </p>
  );
}
