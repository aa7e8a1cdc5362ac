/** The session cookie: no script can read it, no other site's page sends it. */
import type { FastifyReply, FastifyRequest } from 'fastify';

/** The prefix binds it to this exact host, over TLS, for every path (RFC 6265bis, 4.1.3.2). */
const name = '__Host-cordon';
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict';

/** The token in the request's cookie; undefined when there is none, or several that differ. */
export function sessionCookie(request: FastifyRequest): string | undefined {
  const parts = (request.headers.cookie ?? '').split(';').map((part) => part.trim());
  const found = new Set(parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1)));
  const [token = ''] = found;
  return found.size === 1 && /^[\w-]{20,100}$/.test(token) ? token : undefined;
}

/** Without an expiry: the cookie ends with the browser, and its session ends on the server. */
export function setSessionCookie(reply: FastifyReply, token: string): void {
  void reply.header('set-cookie', `${name}=${token}; ${attributes}`);
}

export function clearSessionCookie(reply: FastifyReply): void {
  void reply.header('set-cookie', `${name}=; ${attributes}; Max-Age=0`);
}
