/** Accounts in the console API, for Administrators. */
import { Type } from 'typebox';
import { consolePaths } from '@cordon/protocol/console';
import {
  Account,
  AccountList,
  AccountSettings,
  AccountWithPassword,
  AddAccount,
  ChangeAccount,
} from '@cordon/protocol/console/schemas';
import { personActor } from '../audit/actors.ts';
import type { Http } from '../http/server.ts';
import type { Accounts } from './accounts.ts';
import { to } from '../access/request-access.ts';

const tags = ['accounts'];
const params = Type.Object({ user: Type.String({ minLength: 1, maxLength: 64 }) });
const read = to('read', 'accounts');
const change = to('change', 'accounts');

export function accountRoutes(scope: Http, accounts: Accounts): void {
  const listed = { summary: 'List accounts', tags, response: { 200: AccountList } };
  scope.get(consolePaths.accounts, { schema: listed, ...read }, async () => ({ accounts: await accounts.list() }));

  const added = { summary: 'Add an account; its first password is shown only once', tags, body: AddAccount };
  scope.post(
    consolePaths.accounts,
    { schema: { ...added, response: { 201: AccountWithPassword } }, ...change },
    async (request, reply) => reply.code(201).send(await accounts.add(personActor(request), request.body)),
  );

  oneAccountRoutes(scope, accounts);

  const settings = { summary: 'The settings of all accounts', tags, response: { 200: AccountSettings } };
  scope.get(consolePaths.accountSettings, { schema: settings, ...to('read', 'settings') }, () => accounts.settings());

  const set = { summary: 'Change the settings of all accounts', tags, body: AccountSettings };
  scope.put(consolePaths.accountSettings, { schema: set, ...to('change', 'settings') }, async (request, reply) => {
    await accounts.changeSettings(personActor(request), request.body);
    await reply.code(204).send();
  });
}

function oneAccountRoutes(scope: Http, accounts: Accounts): void {
  const one = `${consolePaths.accounts}/:user`;
  const changed = { summary: 'Change an account; its sessions end', tags, params, body: ChangeAccount };
  scope.patch(one, { schema: { ...changed, response: { 200: Account } }, ...change }, (request) =>
    accounts.change(personActor(request), request.params.user, request.body),
  );

  const reset = { summary: 'Give an account a new password, shown only once', tags, params };
  scope.post(
    `${one}/reset-password`,
    { schema: { ...reset, response: { 200: AccountWithPassword } }, ...change },
    (request) => accounts.resetPassword(personActor(request), request.params.user),
  );

  const freed = { summary: 'Take the second factor of an account away', tags, params };
  scope.post(`${one}/reset-totp`, { schema: freed, ...change }, async (request, reply) => {
    await accounts.resetTotp(personActor(request), request.params.user);
    await reply.code(204).send();
  });

  const removed = { summary: 'Remove an account', tags, params };
  scope.delete(one, { schema: removed, ...change }, async (request, reply) => {
    await accounts.remove(personActor(request), request.params.user);
    await reply.code(204).send();
  });
}
