/** Verifies signatures in the browser, so that nobody has to trust the server. */

/**
 * Whether an Ed25519 `signature` (base64) of `text` is valid under a key (SPKI DER, base64); undefined where the
 * browser does not support it.
 */
export async function signatureFits(publicKey: string, signature: string, text: string): Promise<boolean | undefined> {
  const key = await crypto.subtle
    .importKey('spki', bytesOf(publicKey), { name: 'Ed25519' }, false, ['verify'])
    .catch(() => undefined); // A browser older than 2025.
  if (key === undefined) return undefined;
  return crypto.subtle.verify('Ed25519', key, bytesOf(signature), new TextEncoder().encode(text));
}

export async function sha256Of(text: string): Promise<string> {
  return hexOf(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
}

export function hexOf(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
