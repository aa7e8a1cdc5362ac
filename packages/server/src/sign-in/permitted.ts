/**
 * The one place where the console API lets people in: by session and role, and only from our own pages.
 *
 * Every route declares what it is for; one that does not cannot be registered. Which agents an account reaches is
 * decided where they are resolved, by `scopeOf`.
 */
import type { FastifyRequest } from 'fastify';
import { backgroundHeader, consolePaths } from '@cordon/protocol/console';
import { personActor } from '../audit/actors.ts';
import type { Audit } from '../audit/audit.ts';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { notePerson, personOf } from '../http/console.ts';
import type { Person } from '../http/console.ts';
import { sessionCookie } from '../http/browser/cookie.ts';
import { refuseForeign, requireOwnPage } from '../http/browser/own-page.ts';
import type { Http } from '../http/server.ts';
import { may } from '../access/permissions.ts';
import type { Access } from '../access/permissions.ts';
import { notPermitted } from '../access/request-access.ts';
import type { Sessions } from './sessions.ts';

/** Lets people with a session use the routes registered in `scope` after this, as far as each route's access allows. */
export function permitted(scope: Http, sessions: Sessions, audit: Audit): void {
  scope.addHook('onRoute', ({ method, url, config }) => {
    if (config?.access !== undefined) return;
    throw new Error(
      `${String(method)} ${url} does not say who may use it. Give the route ...to(verb, resource), from access/request-access.ts.`,
    );
  });
  scope.addHook('onRequest', async (request) => {
    const person = await visitorOf(request, sessions);
    notePerson(request, person);
    const { access } = request.routeOptions.config;
    if (access === undefined) throw new Error('This route was registered without its access.');
    refuseUnfinished(person, access);
    judge(request, access, audit);
  });
}

/** By header for programs, by cookie for browsers; a cookie counts only from our own pages. */
async function visitorOf(request: FastifyRequest, sessions: Sessions): Promise<Person> {
  const token = /^Session ([\w-]{20,100})$/.exec(request.headers.authorization ?? '')?.[1];
  const cookie = token === undefined ? sessionCookie(request) : undefined;
  if (cookie !== undefined) {
    if (request.method === 'GET') refuseForeign(request);
    else requireOwnPage(request);
  }
  const person =
    token === undefined
      ? cookie === undefined
        ? undefined
        : await sessions.find(cookie, 'browser', !isBackground(request))
      : await sessions.find(token, 'token');
  if (person !== undefined) return person;
  throw new ConsoleRefusal(401, 'not-signed-in', 'Sign in first: "cordon login --admin", or POST /api/v1/session.');
}

/** The stream reconnects by itself again and again; other requests of an idle page say that they are background. */
function isBackground(request: FastifyRequest): boolean {
  return request.headers[backgroundHeader] !== undefined || request.routeOptions.url === consolePaths.events;
}

function judge(request: FastifyRequest, access: Access, audit: Audit): void {
  const person = personOf(request);
  if (may(person, access)) return;
  const target = `${request.method} ${request.originalUrl}`;
  const refusal = notPermitted(person, access);
  audit.refused(personActor(request), { act: 'request', target, outcome: refusal.reason, detail: refusal.message });
  throw refusal;
}

/** Someone who must change a password or set up a second factor can do only that. */
function refuseUnfinished(person: Person, { resource }: Access): void {
  if (resource === 'session') return;
  if (person.mustChangePassword) {
    const message = 'This is a temporary password. Choose your own first: POST /api/v1/password.';
    throw new ConsoleRefusal(403, 'password-change-due', message);
  }
  if (person.mustSetUpTotp) {
    const message = `The role ${person.role} requires a second factor. Set it up first: POST /api/v1/totp.`;
    throw new ConsoleRefusal(403, 'totp-due', message);
  }
}
