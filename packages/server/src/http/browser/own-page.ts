/**
 * Distinguishes requests of the console's pages from requests that other sites make a browser send (CSRF).
 *
 * The cookie is already SameSite=Strict; these checks also protect browsers that do not know it, and between sites that
 * share a registrable domain.
 */
import type { FastifyRequest } from 'fastify';
import { consoleHeader } from '@cordon/protocol/console';
import { ConsoleRefusal } from '../console-refusal.ts';

/** Whether the request claims to come from a page of the console. */
export function isFromConsole(request: FastifyRequest): boolean {
  return request.headers[consoleHeader] !== undefined;
}

/** Refuses a change unless a console page sent it: the browser says so, and so does a header that forms cannot set. */
export function requireOwnPage(request: FastifyRequest): void {
  const { origin } = request.headers;
  refuseForeign(request);
  if (request.headers[consoleHeader] !== '1' || (origin ?? request.headers['sec-fetch-site']) === undefined) {
    throw refusal(`A change by cookie needs the header ${consoleHeader}: 1, and an Origin or Sec-Fetch-Site.`);
  }
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== undefined && type !== 'application/json') {
    throw new ConsoleRefusal(415, 'not-json', `The body is ${type}; the console takes application/json only.`);
  }
}

/** Refuses requests from pages of another origin. Programs send neither header and are accepted. */
export function refuseForeign(request: FastifyRequest): void {
  const { host, origin, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined && origin.toLowerCase() !== `https://${host ?? ''}`.toLowerCase()) {
    throw refusal('The request comes from a page of another origin.');
  }
  // A person may open an address directly ("none"), which changes nothing.
  const own = request.method === 'GET' ? ['same-origin', 'none'] : ['same-origin'];
  if (site !== undefined && !own.includes(site)) throw refusal('The request comes from a page of another site.');
}

function refusal(message: string): ConsoleRefusal {
  return new ConsoleRefusal(403, 'foreign-page', message);
}
