/** The commands about accounts, for Administrators. Cordon only. */
import { roles } from '@cordon/protocol/console';
import type { Account, AccountWithPassword, ChangeAccount } from '@cordon/protocol/console';
import { defined, yesOption } from '../../command/command.ts';
import type { Argument, Command, Invocation, Option } from '../../command/command.ts';
import { confirm } from '../../command/confirmation.ts';
import { usage } from '../../command/failure.ts';
import { consoleClient } from '../../connection/connection.ts';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { moment, printable } from '../../text/text.ts';

const who: Argument = ['<user>', 'The name of the account.'];
const role: Option = ['--role <role>', `${roles.slice(0, -1).join(', ')} or ${roles.at(-1)}.`, { values: roles }];
const folder: Option = [
  '--folder <folder>',
  'Limit it to this folder and its subfolders. Repeatable.',
  { repeatable: true },
];

export const commands: readonly Command[] = [
  { name: 'accounts list', summary: 'List accounts.', example: 'cordon accounts list', run: list },
  {
    name: 'accounts add',
    summary: 'Add an account and show its temporary password once.',
    arguments: [who],
    options: [role, folder],
    example: 'cordon accounts add ada --role Operator --folder Workgroup\\\\Paris',
    run: add,
  },
  {
    name: 'accounts change',
    summary: 'Change an account; its sessions end.',
    arguments: [who],
    options: [
      role,
      folder,
      ['--all-folders', 'Remove the folder limit.'],
      ['--enable', 'Allow sign-in again.'],
      ['--disable', 'Block sign-in.'],
      ['--reset-totp', 'Remove its second factor, if the user has lost it.'],
    ],
    example: 'cordon accounts change ada --role Viewer',
    run: change,
  },
  {
    name: 'accounts reset-password',
    summary: 'Set a temporary password and show it once; the old one stops working.',
    arguments: [who],
    options: [yesOption],
    example: 'cordon accounts reset-password ada',
    run: resetPassword,
  },
  {
    name: 'accounts remove',
    summary: 'Remove an account; asks first.',
    arguments: [who],
    options: [yesOption],
    example: 'cordon accounts remove ada',
    run: remove,
  },
  {
    name: 'accounts require-totp',
    summary: 'Set which roles require a second factor.',
    options: [
      ['--role <role>', 'A role that requires it. Repeatable.', { values: roles, repeatable: true }],
      ['--none', 'No role requires it.'],
    ],
    example: 'cordon accounts require-totp --role Administrator --role Operator',
    run: requireTotp,
  },
];

const columns: readonly Column<Account>[] = [
  { title: 'USER', cell: (account) => account.user },
  { title: 'ROLE', cell: (account) => account.role },
  { title: 'STATE', cell: stateOf },
  { title: 'SECOND FACTOR', cell: (account) => (account.totp ? 'yes' : 'no') },
  { title: 'LAST SIGN-IN', cell: (account) => moment(account.lastSignInAt) },
  { title: 'FOLDERS', cell: (account) => (account.scope.length === 0 ? 'all' : account.scope.join(', ')), cut: true },
];

async function list(call: Invocation): Promise<void> {
  const accounts = await (await consoleClient(call)).accounts.list();
  call.print(accounts, table(columns, accounts, call.world.out));
}

async function add(call: Invocation): Promise<void> {
  const given = call.choice('role', roles);
  if (given === undefined) throw usage('The role is missing.', `Give --role one of ${roles.join(', ')}.`);
  const scope = call.options('folder');
  printPassword(call, await (await consoleClient(call)).accounts.add({ user: call.word('user'), role: given, scope }));
}

async function change(call: Invocation): Promise<void> {
  const user = call.word('user');
  const desired = changeFrom(call);
  const resets = call.flag('resetTotp');
  if (Object.keys(desired).length === 0 && !resets) {
    throw usage('No change was given.', 'Run "cordon accounts change --help".');
  }
  const client = await consoleClient(call);
  if (resets) await client.accounts.resetTotp(user);
  const account = await client.accounts.change(user, desired);
  call.print(account, `${printable(account.user)}: ${account.role}, ${stateOf(account)}, ${foldersOf(account)}.\n`);
}

function changeFrom(call: Invocation): ChangeAccount {
  const [folders, all] = [call.options('folder'), call.flag('allFolders')];
  if (folders.length > 0 && all) throw usage('--folder and --all-folders cannot be combined.', 'Give one of them.');
  const [enable, disable] = [call.flag('enable'), call.flag('disable')];
  if (enable && disable)
    throw usage('An account cannot be enabled and disabled.', 'Give one of --enable and --disable.');
  return defined({
    role: call.choice('role', roles),
    scope: folders.length > 0 || all ? folders : undefined,
    disabled: enable || disable ? disable : undefined,
  });
}

async function resetPassword(call: Invocation): Promise<void> {
  const user = call.word('user');
  const client = await consoleClient(call);
  await confirm(call, `Reset the password of ${printable(user)} and end all its sessions?`);
  printPassword(call, await client.accounts.resetPassword(user));
}

async function remove(call: Invocation): Promise<void> {
  const user = call.word('user');
  const client = await consoleClient(call);
  await confirm(call, `Remove the account ${printable(user)}?`);
  await client.accounts.remove(user);
  call.print({ removed: user }, `Removed ${printable(user)}.\n`);
}

async function requireTotp(call: Invocation): Promise<void> {
  const given = call.choices('role', roles);
  if ((given.length === 0) !== call.flag('none')) {
    throw usage('Set which roles require a second factor.', 'Give --role, once for each, or --none.');
  }
  await (await consoleClient(call)).accounts.changeSettings({ requireTotp: given });
  const text =
    given.length === 0 ? 'No role requires a second factor.' : `Second factor required for: ${given.join(', ')}.`;
  call.print({ requireTotp: given }, `${text}\n`);
}

function stateOf(account: Account): string {
  if (account.disabled) return 'disabled';
  return account.mustChangePassword ? 'must change password' : 'enabled';
}

function foldersOf({ scope }: Account): string {
  return scope.length === 0 ? 'all folders' : printable(scope.join(', '));
}

function printPassword(call: Invocation, made: AccountWithPassword): void {
  const { account, password } = made;
  call.print(
    made,
    `User      ${printable(account.user)}\n` +
      `Role      ${account.role}, ${foldersOf(account)}\n` +
      `Password  ${printable(password)}\n\n` +
      'Temporary password, shown once. It must be changed at first sign-in: "cordon login --admin <user>", "cordon password".\n',
  );
}
