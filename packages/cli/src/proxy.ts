/** Which proxy the environment of this process names for a server, and under which variable. */
import { getProxyForUrl } from 'proxy-from-env';

export interface NamedProxy {
  readonly url: string;
  /** As it is written there: `HTTPS_PROXY`, `all_proxy`. */
  readonly variable: string;
}

export function proxyFor(url: string): NamedProxy | undefined {
  const proxy = getProxyForUrl(url);
  if (proxy === '') return undefined;
  // In the order in which proxy-from-env asks them.
  const names = [`${url.replace(/:.*/s, '').toLowerCase()}_proxy`, 'all_proxy'];
  const spelt = names.flatMap((name) => [name, name.toUpperCase()]);
  return { url: proxy, variable: spelt.find((name) => (process.env[name] ?? '') !== '') ?? 'HTTPS_PROXY' };
}
