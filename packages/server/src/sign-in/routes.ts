/** Signing in and out, and one's own account: sessions, password, second factor. */
import { Type } from 'typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { consolePaths } from '@cordon/protocol/console';
import type { SignedIn as NewSession } from '@cordon/protocol/console';
import {
  BeginTotp,
  ChangePassword,
  ConfirmTotp,
  DisableTotp,
  Session,
  SessionList,
  SignIn,
  SignedIn,
  TotpConfirmed,
  TotpEnrolment,
} from '@cordon/protocol/console/schemas';
import { personActor, stranger } from '../audit/actors.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { personOf } from '../http/console.ts';
import { clearSessionCookie, sessionCookie, setSessionCookie } from '../http/browser/cookie.ts';
import { isFromConsole, refuseForeign, requireOwnPage } from '../http/browser/own-page.ts';
import type { Http } from '../http/server.ts';
import type { AccountModule } from './account-module.ts';
import { to } from '../access/request-access.ts';
import type { OpenedSession } from './sessions.ts';

const tags = ['session'];
const params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) });
const change = to('change', 'session');
const read = to('read', 'session');

/** POST session: the one route of the console API that strangers may call. */
export function signInRoute(scope: Http, { own, sessions }: AccountModule): void {
  const schema = { summary: 'Sign in', tags, body: SignIn, response: { 200: SignedIn } };
  scope.post(consolePaths.session, { schema, onRequest: judgePage }, async (request, reply) => {
    const isBrowser = isFromConsole(request);
    const opened = await own.signIn(stranger(request), request.body, isBrowser ? 'browser' : 'token');
    if (!isBrowser) return withToken(opened);
    // The session that the browser had before ends.
    const earlier = sessionCookie(request);
    if (earlier !== undefined) await sessions.end(earlier);
    setSessionCookie(reply, opened.token);
    return opened.session;
  });
}

function judgePage(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  if (isFromConsole(request)) requireOwnPage(request);
  else refuseForeign(request);
  done();
}

export function ownAccountRoutes(scope: Http, module: AccountModule): void {
  sessionRoutes(scope, module);
  totpRoutes(scope, module);
  const changed = { summary: "Change one's own password; every session ends", tags, body: ChangePassword };
  const schema = { ...changed, response: { 200: SignedIn } };
  scope.post(consolePaths.password, { schema, ...change }, async (request, reply) => {
    const opened = await module.own.changePassword(personActor(request), personOf(request), request.body);
    return renewed(request, reply, opened);
  });
}

function sessionRoutes(scope: Http, { sessions }: AccountModule): void {
  const shown = { summary: 'Who is signed in', tags, response: { 200: Session } };
  scope.get(consolePaths.session, { schema: shown, ...read }, (request) => sessions.describe(personOf(request)));

  const ended = { summary: 'Sign out', tags };
  scope.delete(consolePaths.session, { schema: ended, ...change }, async (request, reply) => {
    await sessions.endThis(personOf(request));
    clearSessionCookie(reply);
    await reply.code(204).send();
  });

  const listed = { summary: "One's own sessions", tags, response: { 200: SessionList } };
  scope.get(consolePaths.sessions, { schema: listed, ...read }, async (request) => ({
    sessions: await sessions.list(personOf(request)),
  }));

  const others = { summary: "End one's own sessions but this one", tags };
  scope.delete(consolePaths.sessions, { schema: others, ...change }, async (request, reply) => {
    await sessions.endOthers(personOf(request));
    await reply.code(204).send();
  });

  const one = { summary: "End one of one's own sessions", tags, params };
  scope.delete(`${consolePaths.sessions}/:id`, { schema: one, ...change }, async (request, reply) => {
    const { id } = request.params;
    if (!(await sessions.endOne(personOf(request), id))) {
      throw new ConsoleRefusal(404, 'session-unknown', `You have no session ${id}. GET /api/v1/sessions lists them.`);
    }
    await reply.code(204).send();
  });
}

function totpRoutes(scope: Http, { own }: AccountModule): void {
  const begun = { summary: 'Begin to set up a second factor', tags, body: BeginTotp };
  scope.post(consolePaths.totp, { schema: { ...begun, response: { 200: TotpEnrolment } }, ...change }, (request) =>
    own.beginTotp(personActor(request), personOf(request), request.body.password),
  );

  const confirmed = {
    summary: 'Confirm a second factor with a code; recovery codes are shown only once',
    tags,
    body: ConfirmTotp,
  };
  scope.post(
    `${consolePaths.totp}/confirm`,
    { schema: { ...confirmed, response: { 200: TotpConfirmed } }, ...change },
    async (request, reply) => {
      const { codes, opened } = await own.confirmTotp(personActor(request), personOf(request), request.body.code);
      return { recoveryCodes: codes, session: renewed(request, reply, opened) };
    },
  );

  const disabled = { summary: "Disable one's own second factor", tags, body: DisableTotp };
  scope.post(`${consolePaths.totp}/disable`, { schema: disabled, ...change }, async (request, reply) => {
    await own.disableTotp(personActor(request), personOf(request), request.body);
    await reply.code(204).send();
  });
}

/** A browser gets the new token in the same way as its old one: where no script can read it. */
function renewed(request: FastifyRequest, reply: FastifyReply, opened: OpenedSession): NewSession {
  if (personOf(request).kind === 'token') return withToken(opened);
  setSessionCookie(reply, opened.token);
  return opened.session;
}

function withToken({ token, session }: OpenedSession): NewSession {
  return { ...session, token };
}
