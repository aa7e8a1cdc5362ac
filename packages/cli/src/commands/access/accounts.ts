/** The commands about accounts, for Administrators. Cordon only. */
import type { Account, AccountWithPassword, ChangeAccount, Role } from '@cordon/protocol/console';
import type { ConsoleClient } from '@cordon/sdk';
import type { Command, Invocation } from '../../command/command.ts';
import { roles } from '../../command/choice.ts';
import { confirm } from '../../command/confirmation.ts';
import { consoleClient } from '../../connection/connection.ts';
import { usage } from '../../command/failure.ts';
import { table } from '../../text/table.ts';
import type { Column } from '../../text/table.ts';
import { moment, printable } from '../../text/text.ts';

const who = ['<user>', 'The name of the account.'] as const;
const role = ['--role <role>', 'Administrator, Operator or Viewer.'] as const;
const folder = ['--folder <folder>', 'Limit it to this folder and its subfolders. Repeatable.', 'repeatable'] as const;
const yes = ['--yes', 'Do not ask.'] as const;

export const commands: readonly Command[] = [
  { name: 'accounts list', summary: 'List accounts.', example: 'cordon accounts list', handler: list },
  {
    name: 'accounts add',
    summary: 'Add an account and show its temporary password once.',
    arguments: [who],
    options: [role, folder],
    example: 'cordon accounts add ada --role Operator --folder Workgroup\\\\Paris',
    handler: add,
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
    handler: change,
  },
  {
    name: 'accounts reset-password',
    summary: 'Set a temporary password and show it once; the old one stops working.',
    arguments: [who],
    options: [yes],
    example: 'cordon accounts reset-password ada',
    handler: resetPassword,
  },
  {
    name: 'accounts remove',
    summary: 'Remove an account; asks first.',
    arguments: [who],
    options: [yes],
    example: 'cordon accounts remove ada',
    handler: remove,
  },
  {
    name: 'accounts require-totp',
    summary: 'Set which roles require a second factor.',
    options: [
      ['--role <role>', 'A role that requires it. Repeatable.', 'repeatable'],
      ['--none', 'No role requires it.'],
    ],
    example: 'cordon accounts require-totp --role Administrator --role Operator',
    handler: requireTotp,
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
  const accounts = await (await client(call)).accounts.list();
  call.tell(accounts, table(columns, accounts, call.world.out));
}

async function add(call: Invocation): Promise<void> {
  const given = roleFrom(call.option('role'));
  if (given === undefined) throw usage('The role is missing.', `Give --role one of ${roles.join(', ')}.`);
  const scope = call.options('folder');
  tellPassword(call, await (await client(call)).accounts.add({ user: call.word('user'), role: given, scope }));
}

async function change(call: Invocation): Promise<void> {
  const user = call.word('user');
  const desired = changeFrom(call);
  const resets = call.flag('resetTotp');
  if (Object.keys(desired).length === 0 && !resets) {
    throw usage('No change was given.', 'Run "cordon accounts change --help".');
  }
  const accounts = await client(call);
  if (resets) await accounts.accounts.resetTotp(user);
  const account = await accounts.accounts.change(user, desired);
  call.tell(account, `${printable(account.user)}: ${account.role}, ${stateOf(account)}, ${foldersOf(account)}.\n`);
}

function changeFrom(call: Invocation): ChangeAccount {
  const given = roleFrom(call.option('role'));
  const [folders, all] = [call.options('folder'), call.flag('allFolders')];
  if (folders.length > 0 && all) throw usage('--folder and --all-folders cannot be combined.', 'Give one of them.');
  const [enable, disable] = [call.flag('enable'), call.flag('disable')];
  if (enable && disable)
    throw usage('An account cannot be enabled and disabled.', 'Give one of --enable and --disable.');
  return {
    ...(given === undefined ? {} : { role: given }),
    ...(folders.length > 0 || all ? { scope: folders } : {}),
    ...(enable || disable ? { disabled: disable } : {}),
  };
}

async function resetPassword(call: Invocation): Promise<void> {
  const user = call.word('user');
  const accounts = await client(call);
  await confirm(call, `Reset the password of ${printable(user)} and end all its sessions?`);
  tellPassword(call, await accounts.accounts.resetPassword(user));
}

async function remove(call: Invocation): Promise<void> {
  const user = call.word('user');
  const accounts = await client(call);
  await confirm(call, `Remove the account ${printable(user)}?`);
  await accounts.accounts.remove(user);
  call.tell({ removed: user }, `Removed ${printable(user)}.\n`);
}

async function requireTotp(call: Invocation): Promise<void> {
  const given = call.options('role').flatMap((text) => roleFrom(text) ?? []);
  if ((given.length === 0) !== call.flag('none')) {
    throw usage('Set which roles require a second factor.', 'Give --role, once for each, or --none.');
  }
  await (await client(call)).accounts.changeSettings({ requireTotp: given });
  const text =
    given.length === 0 ? 'No role requires a second factor.' : `Second factor required for: ${given.join(', ')}.`;
  call.tell({ requireTotp: given }, `${text}\n`);
}

async function client(call: Invocation): Promise<ConsoleClient> {
  return await consoleClient(call);
}

function roleFrom(text: string | undefined): Role | undefined {
  if (text === undefined) return undefined;
  const found = roles.find((one) => one.toLowerCase() === text.toLowerCase());
  if (found !== undefined) return found;
  throw usage(`There is no role "${text}".`, `Give --role one of ${roles.join(', ')}.`);
}

function stateOf(account: Account): string {
  if (account.disabled) return 'disabled';
  return account.mustChangePassword ? 'must change password' : 'enabled';
}

function foldersOf({ scope }: Account): string {
  return scope.length === 0 ? 'all folders' : printable(scope.join(', '));
}

function tellPassword(call: Invocation, made: AccountWithPassword): void {
  const { account, password } = made;
  call.tell(
    made,
    `User      ${printable(account.user)}\n` +
      `Role      ${account.role}, ${foldersOf(account)}\n` +
      `Password  ${printable(password)}\n\n` +
      'Temporary password, shown once. It must be changed at first sign-in: "cordon login --admin <user>", "cordon password".\n',
  );
}
