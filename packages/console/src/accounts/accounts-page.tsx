/** The accounts page: names, roles and folders. */
import type { JSX } from 'preact';
import { accountListShape, accountWithPasswordShape } from '@cordon/protocol/console';
import type { Account, AccountWithPassword } from '@cordon/protocol/console';
import { consolePaths } from '@cordon/protocol/console/paths';
import { read, send } from '../calls/call.ts';
import { Confirm } from '../forms/confirm.tsx';
import { ShownOnce } from '../forms/shown-once.tsx';
import { ListPage } from '../list/list-page.tsx';
import { actsColumn } from '../list/table.tsx';
import type { RowAct } from '../list/table.tsx';
import { useDoing } from '../list/use-doing.ts';
import type { DoingState } from '../list/use-doing.ts';
import { useList, wholeOf } from '../list/use-list.ts';
import type { ListSpec } from '../list/use-list.ts';
import { Badge } from '../widgets/badge.tsx';
import { Moment } from '../widgets/moment.tsx';
import { AccountForm } from './account-form.tsx';
import { RequiredFactor } from './required-factor.tsx';

type Doing =
  | { readonly kind: 'add' }
  | { readonly kind: 'edit' | 'reset' | 'reset-totp' | 'remove'; readonly account: Account }
  | { readonly kind: 'password'; readonly made: AccountWithPassword };

export function AccountsPage(): JSX.Element {
  const list = useList(accounts);
  const state = useDoing<Doing>(list.reload);
  const { begin } = state;
  const made = (answer: AccountWithPassword): void => {
    begin({ kind: 'password', made: answer });
    list.reload();
  };
  return (
    <ListPage
      spec={accounts}
      list={list}
      buttons={
        <button type="button" class="primary" onClick={() => begin({ kind: 'add' })}>
          Add an account
        </button>
      }
      last={actsColumn<Account>((account) => [
        ['Edit', `Edit ${account.user}`, () => begin({ kind: 'edit', account })],
        ['New password', `New password for ${account.user}`, () => begin({ kind: 'reset', account })],
        ...(account.totp ? [resetTotp(account, begin)] : []),
        ['Remove', `Remove ${account.user}`, () => begin({ kind: 'remove', account })],
      ])}
    >
      <RequiredFactor />
      <Doings state={state} made={made} />
    </ListPage>
  );
}

function resetTotp(account: Account, begin: (doing: Doing) => void): RowAct {
  const act = (): void => begin({ kind: 'reset-totp', account });
  return ['Reset second factor', `Reset the second factor of ${account.user}`, act];
}

const accounts: ListSpec<Account> = {
  title: 'Accounts',
  lead: 'People who can sign in. An account limited to folders sees only the endpoints in them.',
  nouns: 'accounts',
  load: wholeOf(accountListShape, consolePaths.accounts, (answer) => answer.accounts),
  keyOf: (row) => row.user,
  columns: [
    { title: 'User', head: true, cell: (row) => row.user },
    { title: 'Role', cell: (row) => row.role },
    { title: 'Folders', cell: (row) => (row.scope.length === 0 ? 'all' : row.scope.join(', ')) },
    {
      title: 'State',
      cell: (row) => (row.disabled ? <Badge tone="neutral">Disabled</Badge> : <Badge tone="good">Enabled</Badge>),
    },
    { title: 'Second factor', cell: (row) => (row.totp ? 'set up' : <span class="quiet">none</span>) },
    { title: 'Last sign-in', cell: (row) => <Moment at={row.lastSignInAt} ago /> },
  ],
};

interface DoingsProps {
  readonly state: DoingState<Doing>;
  readonly made: (answer: AccountWithPassword) => void;
}

function Doings({ state: { doing, close, done }, made }: DoingsProps): JSX.Element | null {
  if (doing === undefined) return null;
  if (doing.kind === 'password') {
    return (
      <ShownOnce
        title={`Password for ${doing.made.account.user}`}
        label="password"
        value={doing.made.password}
        close={close}
      >
        Temporary password, shown once. It must be changed at first sign-in.
      </ShownOnce>
    );
  }
  if (doing.kind === 'add') return <AccountForm done={done} made={made} close={close} />;
  if (doing.kind === 'edit') return <AccountForm account={doing.account} done={done} made={made} close={close} />;
  const { user } = doing.account;
  const path = `${consolePaths.accounts}/${encodeURIComponent(user)}`;
  const { title, act, text, perform } = {
    reset: {
      title: `New password for ${user}`,
      act: 'Create a new password',
      text: 'The current password stops working and all sessions of this account end.',
      perform: async () => made(await read(accountWithPasswordShape, 'POST', `${path}/reset-password`)),
    },
    'reset-totp': {
      title: `Reset the second factor of ${user}`,
      act: 'Reset second factor',
      text: 'The account can then sign in with its password alone.',
      perform: () => send('POST', `${path}/reset-totp`),
    },
    remove: {
      title: `Remove ${user}`,
      act: `Remove ${user}`,
      text: 'All sessions of this account end. Its entries in the audit log stay.',
      perform: () => send('DELETE', path),
    },
  }[doing.kind];
  return (
    <Confirm title={title} act={act} perform={perform} done={doing.kind === 'reset' ? undefined : done} cancel={close}>
      <p>{text}</p>
    </Confirm>
  );
}
