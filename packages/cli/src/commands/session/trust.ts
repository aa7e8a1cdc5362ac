/** What a login trusts: a pinned certificate, an authority, or the system's trust store. */
import { resolve } from 'node:path';
import { parseBaseUrl } from '@cordon/sdk/automation';
import { parseFingerprint, peerCertificate } from '@cordon/sdk/node';
import type { Invocation } from '../../command/command.ts';
import { confirm } from '../../command/confirmation.ts';
import { usage } from '../../command/failure.ts';
import { textOfFile } from '../../command/file-failures.ts';
import type { KeptConnection } from '../../connection/kept-connections.ts';
import { readConnections } from '../../connection/kept-connections.ts';
import { connectionName } from '../../connection/connection.ts';
import { printable } from '../../text/text.ts';
import type { LoginInput } from './login-input.ts';

export async function trustOf(
  call: Invocation,
  input: LoginInput,
): Promise<Pick<KeptConnection, 'fingerprint' | 'ca'>> {
  const ca = call.option('ca') ?? call.world.env['CORDON_CA'];
  const named = [input.fingerprint, ca, call.flag('firstUse') ? '--first-use' : undefined].filter(
    (way) => way !== undefined,
  );
  if (named.length > 1) throw usage('Give only one trust option.', 'Give --fingerprint, --first-use or --ca.');
  if (input.fingerprint !== undefined) return { fingerprint: parseFingerprint(input.fingerprint) };
  if (ca !== undefined) return { ca: await readAuthority(resolve(call.world.cwd, ca)) };
  if (call.flag('firstUse')) return { fingerprint: await onFirstUse(call, input.url) };
  return keptTrust(call, input.url);
}

/** Shown before it is trusted; nothing has been sent yet. */
async function onFirstUse(call: Invocation, url: string): Promise<string> {
  const { href, host } = parseBaseUrl(url);
  const certificate = await peerCertificate(href);
  const text =
    `${host} presents this certificate:\n` +
    `  SHA-256   ${certificate.fingerprint}\n` +
    `  Subject   ${printable(certificate.subject)}\n` +
    `  Names     ${printable(certificate.names)}\n` +
    `  Valid to  ${printable(certificate.validTo)}\n` +
    'Compare the SHA-256 with the one the server printed at startup.\n';
  call.world.err.write(text);
  await confirm(call, 'Trust it from now on?');
  return certificate.fingerprint;
}

async function readAuthority(path: string): Promise<string> {
  const text = await textOfFile(path);
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text;
  throw usage(`${path} contains no PEM certificate.`, 'Give the file of the CA that signed the certificate.');
}

/** A second login to the same server keeps its trust. */
async function keptTrust(call: Invocation, url: string): Promise<Pick<KeptConnection, 'fingerprint' | 'ca'>> {
  const { current, profiles } = await readConnections(call.world);
  const kept = profiles[connectionName(call, current)];
  if (kept === undefined || parseBaseUrl(kept.url).href !== parseBaseUrl(url).href) return {};
  return { fingerprint: kept.fingerprint, ca: kept.ca };
}
