/** Explains network and TLS failures, and what to check. */
import { CordonError, NetworkError, aborted } from '../errors.ts';

/** Any failure of a transport as a CordonError; a CordonError stays unchanged. */
export function networkFailure(host: string, error: unknown): CordonError {
  if (error instanceof CordonError) return error;
  if (nameOf(error) === 'AbortError') return aborted(error);
  const { code, text } = rootOf(error);
  const [message, hint] = explained(code, host) ?? [
    `The connection to ${host} failed: ${text}.`,
    'Check the URL, and that the server runs.',
  ];
  return new NetworkError(host, { code, message, hint, cause: error });
}

/** These failures happen on the way to the proxy; the server's name and port are not involved. */
const onTheWay = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPROTO',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

/** As `networkFailure`, for a connection that goes through `proxy`, `proxy.example:3128`. */
export function failureThrough(proxy: string, host: string, error: unknown): CordonError {
  const failure = networkFailure(host, error);
  if (!(failure instanceof NetworkError) || !onTheWay.has(failure.code)) return failure;
  const [message = failure.message] = explained(failure.code, `the proxy ${proxy}`) ?? [];
  return new NetworkError(host, {
    code: failure.code,
    message: `${capital(message)} Connections to ${host} go through that proxy.`,
    hint: 'Check the address of the proxy, and that it runs.',
    proxy,
    cause: error,
  });
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const untrusted =
  "Pin the server's certificate by its fingerprint, or name the authority that signed it. Never turn verification off.";

function explained(code: string, host: string): readonly [string, string] | undefined {
  switch (code) {
    case 'ECONNREFUSED':
      return [`Nothing listens at ${host}.`, 'Check the port of the URL, and that the server runs.'];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return [
        `The name of ${host} cannot be resolved.`,
        'Check the spelling of the URL, and name resolution on this computer.',
      ];
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return [`${host} does not answer.`, 'Check the address, and the firewalls in between.'];
    case 'ECONNRESET':
    case 'EPIPE':
      return [
        `${host} closed the connection before the answer was complete.`,
        'Try again. If it happens again, look at the log of the server or of the proxy.',
      ];
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return [`${host} does not speak TLS there.`, 'Check that the port is the one for https.'];
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return [`No trusted authority signed the certificate of ${host}.`, untrusted];
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return [`The certificate of ${host} is for another name.`, `Use the name in the certificate. ${untrusted}`];
    case 'CERT_NOT_YET_VALID':
      return [
        `The certificate of ${host} is not valid yet.`,
        'Compare the clock of this computer with that of the server.',
      ];
    case 'CERT_HAS_EXPIRED':
      return [`The certificate of ${host} has expired.`, `Renew it on the server. ${untrusted}`];
    default:
      return undefined;
  }
}

/** `fetch` says "fetch failed" and keeps what happened as its cause. */
function rootOf(error: unknown): { code: string; text: string } {
  if (!(error instanceof Error)) return { code: 'UNKNOWN', text: String(error) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code === undefined && error.cause !== undefined) return rootOf(error.cause);
  return { code: code ?? 'UNKNOWN', text: error.message };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
