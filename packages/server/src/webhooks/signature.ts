/** Signs a call according to Standard Webhooks, which has libraries in every language. */
import { createHmac } from 'node:crypto';

const prefix = 'whsec_';

/** A secret of 32 random bytes in the form that the libraries expect. */
export function newWebhookSecret(randomBytes: (count: number) => Buffer): string {
  return prefix + randomBytes(32).toString('base64');
}

/** One signature for each valid secret; receivers accept any. */
export function signatureHeader(
  secrets: readonly string[],
  message: { id: string; timestamp: number; body: string },
): string {
  return secrets.map((secret) => `v1,${sign(secret, message)}`).join(' ');
}

function sign(secret: string, { id, timestamp, body }: { id: string; timestamp: number; body: string }): string {
  const key = Buffer.from(secret.slice(prefix.length), 'base64');
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
}
