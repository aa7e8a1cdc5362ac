/** Connects through an HTTP proxy: CONNECT, then TLS with the server inside. */
import { HttpsProxyAgent } from 'https-proxy-agent';
import { usage } from '../errors.ts';

/** An agent whose connections go through the proxy. */
export function proxyAgent(proxy: string): HttpsProxyAgent<string> {
  return new HttpsProxyAgent(proxyUrl(proxy), { keepAlive: true });
}

/** Parses the URL of a proxy; the error never repeats the password. */
export function proxyUrl(proxy: string): URL {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw usage('The proxy is not a URL.', 'Write it like http://proxy.example:3128.');
}
