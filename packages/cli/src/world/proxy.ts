/** Finds the proxy that the environment sets for a server, and its variable. */
import { getProxyForUrl } from 'proxy-from-env';

export interface NamedProxy {
  readonly url: string;
  /** As written in the environment: `HTTPS_PROXY`, `all_proxy`. */
  readonly variable: string;
}

export function proxyFor(url: string): NamedProxy | undefined {
  const proxy = getProxyForUrl(url);
  if (proxy === '') return undefined;
  // In the order in which proxy-from-env checks them.
  const names = [`${url.replace(/:.*/s, '').toLowerCase()}_proxy`, 'all_proxy'];
  const spelt = names.flatMap((name) => [name, name.toUpperCase()]);
  return { url: proxy, variable: spelt.find((name) => (process.env[name] ?? '') !== '') ?? 'HTTPS_PROXY' };
}
