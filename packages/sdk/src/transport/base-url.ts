/** Reads the server's URL as people paste it, and encodes queries once, in the form that is signed and sent. */
import { usage } from '../errors.ts';

export interface BaseUrl {
  /** Scheme, host and port, and the path that a proxy in front takes away; no slash at the end. */
  readonly href: string;
  /** Host and port, for messages. */
  readonly host: string;
}

/**
 * Takes `https://host`, with or without a slash, and also what stands in a browser's address bar: everything from
 * `/WebApp` on is left out. Any other path is kept in front of the API's own but not signed, as a proxy removes it.
 */
export function parseBaseUrl(text: string): BaseUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw usage(`"${text}" is not the URL of a server.`, 'Write it like https://cordon.example:8443.');
  }
  if (url.username !== '' || url.password !== '') {
    throw usage('The URL carries a user name or password.', 'Leave them out; requests are signed instead.');
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw usage(`${url.host} would be reached without encryption.`, 'Write the URL with https://.');
  }
  const path = url.pathname.replace(/\/+webapp(\/.*)?$/i, '').replace(/\/+$/, '');
  return { href: url.origin + path, host: url.host };
}

export type Query = Readonly<Record<string, string | undefined>>;

/** `?a=b&c=d` with everything escaped that some URL parser on the way would escape; empty without any value. */
export function encodeQuery(query: Query): string {
  const pairs = Object.entries(query)
    .filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== '')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** `encodeURIComponent` leaves these five, and URL parsers disagree about the apostrophe; half a pair makes it throw. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
