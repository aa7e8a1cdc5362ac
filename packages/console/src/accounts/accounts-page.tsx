/** The accounts page: names, roles and folders. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Account, AccountWithPassword, Role } from '@cordon/protocol/console';
import { accountListShape, accountWithPasswordShape } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, send } from '../calls/call.ts';
import { messageOf, useLoaded } from '../calls/use-loaded.ts';
import { Badge } from '../widgets/badge.tsx';
import { Confirm } from '../forms/confirm.tsx';
import { Copy } from '../widgets/copy.tsx';
import { Dialog } from '../forms/dialog.tsx';
import { Choice, Field, Tick } from '../forms/field.tsx';
import { textIn, tickedIn } from '../forms/form-data.ts';
import { DialogForm } from '../forms/form.tsx';
import { Moment } from '../widgets/moment.tsx';
import { Notice } from '../widgets/notice.tsx';
import { Table } from '../widgets/table.tsx';
import { RequiredFactor } from './required-factor.tsx';

type Doing =
  | { readonly kind: 'add' }
  | { readonly kind: 'edit' | 'reset' | 'reset-totp' | 'remove'; readonly account: Account }
  | { readonly kind: 'password'; readonly made: AccountWithPassword };

const roles = [
  ['Administrator', 'Administrator: full access'],
  ['Operator', 'Operator: isolate, release, approve'],
  ['Viewer', 'Viewer: read-only'],
] as const;

export function AccountsPage(): JSX.Element {
  const { data, problem, reload } = useLoaded(accountListShape, consolePaths.accounts);
  const [doing, setDoing] = useState<Doing>();
  const done = (): void => {
    setDoing(undefined);
    void reload();
  };
  const made = (answer: AccountWithPassword): void => {
    setDoing({ kind: 'password', made: answer });
    void reload();
  };
  return (
    <>
      <h1>Accounts</h1>
      <p class="lead">People who can sign in. An account limited to folders sees only the endpoints in them.</p>
      <Notice kind="problem" text={problem} />
      <div class="bar">
        <button type="button" class="primary" onClick={() => setDoing({ kind: 'add' })}>
          Add an account
        </button>
      </div>
      <AccountTable accounts={data?.accounts ?? []} begin={setDoing} />
      <RequiredFactor />
      <Doings doing={doing} close={() => setDoing(undefined)} done={done} made={made} />
    </>
  );
}

function AccountTable({
  accounts,
  begin,
}: {
  accounts: readonly Account[];
  begin: (doing: Doing) => void;
}): JSX.Element {
  return (
    <Table
      label="Accounts"
      rows={accounts}
      keyOf={(row) => row.user}
      columns={[
        { title: 'User', head: true, cell: (row) => row.user },
        { title: 'Role', cell: (row) => row.role },
        { title: 'Folders', cell: (row) => (row.scope.length === 0 ? 'all' : row.scope.join(', ')) },
        {
          title: 'State',
          cell: (row) => (row.disabled ? <Badge tone="neutral">Disabled</Badge> : <Badge tone="good">Enabled</Badge>),
        },
        { title: 'Second factor', cell: (row) => (row.totp ? 'set up' : <span class="quiet">none</span>) },
        { title: 'Last sign-in', cell: (row) => <Moment at={row.lastSignInAt} ago /> },
        {
          title: 'Actions',
          kind: 'acts',
          cell: (account) => <AccountActs account={account} begin={begin} />,
        },
      ]}
    />
  );
}

function AccountActs({ account, begin }: { account: Account; begin: (doing: Doing) => void }): JSX.Element {
  return (
    <>
      <button type="button" aria-label={`Edit ${account.user}`} onClick={() => begin({ kind: 'edit', account })}>
        Edit
      </button>
      <button
        type="button"
        aria-label={`New password for ${account.user}`}
        onClick={() => begin({ kind: 'reset', account })}
      >
        New password
      </button>
      {account.totp ? (
        <button
          type="button"
          aria-label={`Reset the second factor of ${account.user}`}
          onClick={() => begin({ kind: 'reset-totp', account })}
        >
          Reset second factor
        </button>
      ) : null}
      <button type="button" aria-label={`Remove ${account.user}`} onClick={() => begin({ kind: 'remove', account })}>
        Remove
      </button>
    </>
  );
}

interface DoingsProps {
  readonly doing: Doing | undefined;
  readonly close: () => void;
  readonly done: () => void;
  readonly made: (answer: AccountWithPassword) => void;
}

function Doings({ doing, close, done, made }: DoingsProps): JSX.Element | null {
  if (doing === undefined) return null;
  if (doing.kind === 'password') return <NewPassword made={doing.made} close={close} />;
  if (doing.kind === 'add') return <AccountForm done={done} made={made} close={close} />;
  if (doing.kind === 'edit') return <AccountForm account={doing.account} done={done} made={made} close={close} />;
  const { user } = doing.account;
  const path = `${consolePaths.accounts}/${encodeURIComponent(user)}`;
  const perform = {
    reset: async () => made(await read(accountWithPasswordShape, 'POST', `${path}/reset-password`)),
    'reset-totp': () => send('POST', `${path}/reset-totp`),
    remove: () => send('DELETE', path),
  }[doing.kind];
  const said = {
    reset: [
      'New password for',
      'Create a new password',
      'The current password stops working and all sessions of this account end.',
    ],
    'reset-totp': [
      'Reset the second factor of',
      'Reset second factor',
      'The account can then sign in with its password alone.',
    ],
    remove: ['Remove', `Remove ${user}`, 'All sessions of this account end. Its entries in the audit log stay.'],
  }[doing.kind];
  return (
    <Confirm
      title={`${said[0]} ${user}`}
      act={said[1] ?? ''}
      perform={perform}
      done={doing.kind === 'reset' ? () => undefined : done}
      cancel={close}
    >
      <p>{said[2]}</p>
    </Confirm>
  );
}

interface AccountFormProps extends Omit<DoingsProps, 'doing'> {
  readonly account?: Account;
}

function AccountForm({ account, close, done, made }: AccountFormProps): JSX.Element {
  const [problem, setProblem] = useState<string>();
  const submit = async (fields: FormData): Promise<void> => {
    const role = roleIn(fields);
    const scope = textIn(fields, 'scope')
      .split(/[\n,]/)
      .map((folder) => folder.trim())
      .filter((folder) => folder !== '');
    try {
      if (account === undefined) {
        const body = { user: textIn(fields, 'user').trim(), role, scope };
        made(await read(accountWithPasswordShape, 'POST', consolePaths.accounts, { body }));
      } else {
        const body = { role, scope, disabled: tickedIn(fields, 'disabled') };
        await send('PATCH', `${consolePaths.accounts}/${encodeURIComponent(account.user)}`, { body });
        done();
      }
    } catch (error) {
      setProblem(messageOf(error));
    }
  };
  return (
    <DialogForm
      title={account === undefined ? 'Add an account' : `Edit ${account.user}`}
      act={account === undefined ? 'Add account' : 'Save'}
      submit={submit}
      cancel={close}
    >
      {account === undefined ? (
        <Field
          label="User"
          name="user"
          required
          maxLength={64}
          help="Letters, digits and . _ @ - (stored in lower case)"
        />
      ) : null}
      <Choice label="Role" name="role" value={account?.role ?? 'Operator'} choices={roles} />
      <Field
        label="Folders"
        name="scope"
        value={account?.scope.join(', ') ?? ''}
        help="Separate folders with commas; subfolders are included. Leave empty for all."
        placeholder={'Workgroup\\Paris'}
      />
      {account === undefined ? null : (
        <Tick name="disabled" ticked={account.disabled}>
          Disabled (cannot sign in)
        </Tick>
      )}
      <Notice kind="problem" text={problem} />
    </DialogForm>
  );
}

function NewPassword({ made, close }: { made: AccountWithPassword; close: () => void }): JSX.Element {
  return (
    <Dialog title={`Password for ${made.account.user}`} close={close}>
      <div class="body">
        <p>Temporary password, shown once. It must be changed at first sign-in.</p>
        <Copy label="password" value={made.password} />
      </div>
      <footer>
        <button type="button" class="primary" onClick={close}>
          I have copied it
        </button>
      </footer>
    </Dialog>
  );
}

function roleIn(fields: FormData): Role {
  const found = roles.find(([role]) => role === textIn(fields, 'role'));
  return found?.[0] ?? 'Viewer';
}
