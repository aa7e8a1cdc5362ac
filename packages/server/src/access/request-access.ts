/** The permission a route needs, and what the account of a request may do and reach. */
import type { FastifyRequest } from 'fastify';
import { ConsoleRefusal } from '../http/console-refusal.ts';
import { personOf } from '../http/console.ts';
import type { Person } from '../http/console.ts';
import { may, rolesThatMay } from './permissions.ts';
import type { Access, Resource, Verb } from './permissions.ts';
import type { Folders } from './scope.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The permission this route needs; every route of the console API has one. */
    access?: Access;
  }
}

/** For the options of a route: `{ schema, ...to('read', 'agents') }`. */
export function to(verb: Verb, resource: Resource): { config: { access: Access } } {
  return { config: { access: { verb, resource } } };
}

/** Refuses unless the account of `request` also has this permission; for a route that can do several things. */
export function requirePermission(request: FastifyRequest, verb: Verb, resource: Resource): void {
  const access = { verb, resource };
  if (!may(personOf(request), access)) throw notPermitted(personOf(request), access);
}

/** The folders the account of `request` is limited to. */
export function scopeOf(request: FastifyRequest): Folders {
  return personOf(request).scope;
}

/** Names the roles that may. */
export function notPermitted(person: Person, access: Access): ConsoleRefusal {
  const roles = rolesThatMay(access);
  const what = `${access.verb} "${access.resource}"`;
  const message = roles.includes(person.role)
    ? `An account that is limited to folders may not ${what}.`
    : `The role ${person.role} may not ${what}; ${roles.join(' and ')} may.`;
  return new ConsoleRefusal(403, 'not-permitted', message);
}
