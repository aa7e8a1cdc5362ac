/** The isolation profiles page: what isolated endpoints may still reach. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Profile, ProfileBody } from '@cordon/protocol/console';
import { profileListShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { send } from '../calls/call.ts';
import { useLoaded } from '../calls/use-loaded.ts';
import { Confirm } from '../forms/confirm.tsx';
import { Empty } from '../widgets/empty.tsx';
import { Field, Tick } from '../forms/field.tsx';
import { textIn, tickedIn } from '../forms/form-data.ts';
import { DialogForm } from '../forms/form.tsx';
import { Moment } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { Table } from '../widgets/table.tsx';
import { exceptionLine, exceptionsIn } from './profile-rules.ts';

type Doing =
  { readonly kind: 'put'; readonly profile?: Profile } | { readonly kind: 'remove'; readonly profile: Profile };

export function ProfilesPage(): JSX.Element {
  const { data, problem, reload } = useLoaded(profileListShape, consolePaths.profiles);
  const [doing, setDoing] = useState<Doing>();
  const done = (): void => {
    setDoing(undefined);
    void reload();
  };
  return (
    <>
      <h1>Isolation profiles</h1>
      <p class="lead">What isolated endpoints can still reach. Without a profile, that is only the Cordon servers.</p>
      <Notice kind="problem" text={problem} />
      <div class="bar">
        <button type="button" class="primary" onClick={() => setDoing({ kind: 'put' })}>
          Add a profile
        </button>
      </div>
      {data?.profiles.length === 0 ? (
        <Empty title="No profiles yet.">
          <p>Add one for what your investigators need, such as a forensics server or an update mirror.</p>
        </Empty>
      ) : (
        <ProfileTable profiles={data?.profiles ?? []} begin={setDoing} />
      )}
      {doing?.kind === 'put' ? (
        <ProfileForm profile={doing.profile} cancel={() => setDoing(undefined)} done={done} />
      ) : null}
      {doing?.kind === 'remove' ? (
        <Confirm
          title={`Remove ${doing.profile.name}`}
          act={`Remove ${doing.profile.name}`}
          perform={() => send('DELETE', pathOf(doing.profile.name))}
          done={done}
          cancel={() => setDoing(undefined)}
        >
          <p>New isolations can no longer use it.</p>
        </Confirm>
      ) : null}
    </>
  );
}

function ProfileTable({
  profiles,
  begin,
}: {
  profiles: readonly Profile[];
  begin: (doing: Doing) => void;
}): JSX.Element {
  return (
    <Table
      label="Isolation profiles"
      rows={profiles}
      keyOf={(row) => row.name}
      columns={[
        { title: 'Name', head: true, cell: (row) => row.name },
        {
          title: 'Allowed connections',
          cell: (row) => row.exceptions.map((one) => <div key={exceptionLine(one)}>{exceptionLine(one)}</div>),
        },
        { title: 'DHCP', cell: (row) => (row.dhcp ? 'allowed' : 'blocked') },
        { title: 'Last changed', cell: (row) => <Moment at={row.changedAt} ago /> },
        {
          title: 'Actions',
          kind: 'acts',
          cell: (profile) => (
            <>
              <button type="button" aria-label={`Edit ${profile.name}`} onClick={() => begin({ kind: 'put', profile })}>
                Edit
              </button>
              <button
                type="button"
                aria-label={`Remove ${profile.name}`}
                onClick={() => begin({ kind: 'remove', profile })}
              >
                Remove
              </button>
            </>
          ),
        },
      ]}
    />
  );
}

interface ProfileFormProps {
  readonly profile: Profile | undefined;
  readonly cancel: () => void;
  readonly done: () => void;
}

function ProfileForm({ profile, cancel, done }: ProfileFormProps): JSX.Element {
  const submit = async (fields: FormData): Promise<void> => {
    const name = profile?.name ?? textIn(fields, 'name').trim();
    const body: ProfileBody = {
      exceptions: exceptionsIn(textIn(fields, 'exceptions')),
      dhcp: tickedIn(fields, 'dhcp'),
    };
    await send('PUT', pathOf(name), { body });
    done();
  };
  return (
    <DialogForm
      title={profile === undefined ? 'Add a profile' : `Edit ${profile.name}`}
      act="Save"
      submit={submit}
      cancel={cancel}
    >
      {profile === undefined ? <Field label="Name" name="name" required maxLength={64} /> : null}
      <label for="exceptions">Allowed connections, one rule per line</label>
      <textarea id="exceptions" name="exceptions" rows={5} aria-describedby="exceptions-help" spellcheck={false}>
        {profile?.exceptions.map(exceptionLine).join('\n') ?? ''}
      </textarea>
      <p class="quiet help" id="exceptions-help">
        out tcp 192.0.2.0/24 443: the endpoint may connect to this network. in tcp 192.0.2.7 22: this host may connect
        to the endpoint. Give one port, a range such as 8000-8010, or none for all ports.
      </p>
      <Tick name="dhcp" ticked={profile?.dhcp ?? true}>
        Allow DHCP, so that leased addresses do not expire
      </Tick>
      {profile === undefined ? null : (
        <p class="quiet">The change applies immediately to endpoints isolated with this profile.</p>
      )}
    </DialogForm>
  );
}

function pathOf(name: string): string {
  return `${consolePaths.profiles}/${encodeURIComponent(name)}`;
}
