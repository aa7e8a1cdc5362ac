/** Ways through an HTTP proxy: CONNECT, and TLS with the server inside. */
import { HttpsProxyAgent } from 'https-proxy-agent';
import { usage } from '../errors.ts';

/** An agent whose connections go through the proxy. */
export function proxyAgent(proxy: string): HttpsProxyAgent<string> {
  return new HttpsProxyAgent(proxyUrl(proxy), { keepAlive: true });
}

/** The URL of a proxy as people write it; a sentence that never repeats the password where it is none. */
export function proxyUrl(proxy: string): URL {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw usage('The proxy is not a URL.', 'Write it like http://proxy.example:3128.');
}
