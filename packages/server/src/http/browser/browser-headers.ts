/**
 * Security headers of every answer to a browser.
 *
 * No inline code, nothing from other origins, no framing, no caching. Markup from an endpoint that got into a page
 * would still not run.
 */
import type { Http } from '../server.ts';
import { isAutomation } from '../failures.ts';

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
];
const powers = [
  'camera',
  'display-capture',
  'geolocation',
  'microphone',
  'payment',
  'publickey-credentials-get',
  'usb',
];

/** There is no header for other origins (CORS): they may read nothing. */
export const browserHeaders = {
  'content-security-policy': policy.join('; '),
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': powers.map((power) => `${power}=()`).join(', '),
  // A page whose name changes with its content may set its own.
  'cache-control': 'no-store',
};

/** Adds them to every answer but the Automation API's, which no browser reads. A route may replace one. */
export function withBrowserHeaders(app: Http): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (!isAutomation(request.originalUrl)) void reply.headers(browserHeaders);
    done();
  });
}
