/** The isolation profiles page: what isolated endpoints may still reach. */
import type { JSX } from 'preact';
import { profileListShape } from '@cordon/protocol/console';
import type { Profile, ProfileBody } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { send } from '../calls/call.ts';
import { Confirm } from '../forms/confirm.tsx';
import { Field, Tick } from '../forms/field.tsx';
import { textIn, tickedIn } from '../forms/form-data.ts';
import { DialogForm } from '../forms/form.tsx';
import { ListPage } from '../list/list-page.tsx';
import { actsColumn } from '../list/table.tsx';
import { useDoing } from '../list/use-doing.ts';
import { useList, wholeOf } from '../list/use-list.ts';
import type { ListSpec } from '../list/use-list.ts';
import { Moment } from '../widgets/moment.tsx';
import { exceptionLine, exceptionsIn } from './profile-rules.ts';

type Doing =
  { readonly kind: 'put'; readonly profile?: Profile } | { readonly kind: 'remove'; readonly profile: Profile };

export function ProfilesPage(): JSX.Element {
  const list = useList(profiles);
  const { doing, begin, close, done } = useDoing<Doing>(list.reload);
  return (
    <ListPage
      spec={profiles}
      list={list}
      buttons={
        <button type="button" class="primary" onClick={() => begin({ kind: 'put' })}>
          Add a profile
        </button>
      }
      last={actsColumn<Profile>((profile) => [
        ['Edit', `Edit ${profile.name}`, () => begin({ kind: 'put', profile })],
        ['Remove', `Remove ${profile.name}`, () => begin({ kind: 'remove', profile })],
      ])}
    >
      {doing?.kind === 'put' ? <ProfileForm profile={doing.profile} cancel={close} done={done} /> : null}
      {doing?.kind === 'remove' ? (
        <Confirm
          title={`Remove ${doing.profile.name}`}
          act={`Remove ${doing.profile.name}`}
          perform={() => send('DELETE', pathOf(doing.profile.name))}
          done={done}
          cancel={close}
        >
          <p>New isolations can no longer use it.</p>
        </Confirm>
      ) : null}
    </ListPage>
  );
}

const profiles: ListSpec<Profile> = {
  title: 'Isolation profiles',
  lead: 'What isolated endpoints can still reach. Without a profile, that is only the Cordon servers.',
  nouns: 'profiles',
  load: wholeOf(profileListShape, consolePaths.profiles, (answer) => answer.profiles),
  keyOf: (row) => row.name,
  columns: [
    { title: 'Name', head: true, cell: (row) => row.name },
    {
      title: 'Allowed connections',
      cell: (row) => row.exceptions.map((one) => <div key={exceptionLine(one)}>{exceptionLine(one)}</div>),
    },
    { title: 'DHCP', cell: (row) => (row.dhcp ? 'allowed' : 'blocked') },
    { title: 'Last changed', cell: (row) => <Moment at={row.changedAt} ago /> },
  ],
  emptyHint: <p>Add one for what your investigators need, such as a forensics server or an update mirror.</p>,
};

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
