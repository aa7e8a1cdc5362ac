/** Signing in and out. */
import { SignIn, SignedIn, consolePaths } from '@cordon/protocol/console';
import { stranger } from '../audit/actors.ts';
import { personOf } from '../http/console.ts';
import type { Http } from '../http/server.ts';
import type { Accounts } from './accounts.ts';

const tags = ['session'];

/** POST session: the one route of the console API that strangers may call. */
export function signInRoute(scope: Http, accounts: Accounts): void {
  const schema = { summary: 'Sign in', tags, body: SignIn, response: { 200: SignedIn } };
  scope.post(consolePaths.session, { schema }, (request) => accounts.signIn(stranger(request), request.body));
}

export function signOutRoute(scope: Http, accounts: Accounts): void {
  scope.delete(consolePaths.session, { schema: { summary: 'Sign out', tags } }, async (request, reply) => {
    await accounts.signOut(personOf(request).token);
    await reply.code(204).send();
  });
}
