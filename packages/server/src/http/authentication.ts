/**
 * Authenticates a request of the Automation API in two phases (contract 1).
 *
 * Phase one uses the header alone: signature, application, version, age. Only then is the body read; the checksum is
 * computed over the exact bytes received. A stranger costs one HMAC and no query.
 */
import { createHash } from 'node:crypto';
import type { Hash, KeyObject } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '@cordon/protocol/automation';
import { canonicalHeaders, checksumPrefix } from '@cordon/protocol/signing';
import { judgeChecksum, judgeClaims, openToken } from '@cordon/protocol/signing/verification';
import type { Claims } from '@cordon/protocol/signing/verification';

/** An application, as authentication needs it. */
export interface Caller {
  readonly id: string;
  readonly name: string;
  readonly key: KeyObject;
  readonly enabled: boolean;
  readonly timeoutSeconds: number;
}

export interface Authority {
  /** Refuses with `application-unknown`. */
  known(id: string): Caller;
  used(id: string, from: string): void;
}

/** A request with a valid header; its body is not checked yet. */
export interface Opened {
  readonly caller: Caller;
  readonly claims: Claims;
}

/** Phase one. `now` in milliseconds. */
export function openRequest(request: FastifyRequest, authority: Authority, now: number): Opened {
  const claims = openToken(request.headers.authorization, (id) => authority.known(id).key);
  const caller = authority.known(claims.applicationId);
  if (!caller.enabled) {
    throw new Refusal(
      'application-disabled',
      `The application "${caller.name}" is disabled. An administrator can enable it in the console.`,
    );
  }
  judgeClaims(claims, { now: now / 1000, timeout: caller.timeoutSeconds });
  return { caller, claims };
}

/** Hashes what a checksum covers while the body arrives. */
export class BodyChecksum {
  readonly #hashes: readonly Hash[];

  /** Over the path exactly as received and, where that begins with `//`, also with one slash (contract 8, rule 5). */
  constructor(request: FastifyRequest) {
    const url = request.originalUrl;
    const headers = canonicalHeaders(namedApi(request));
    const forms = url.startsWith('//') ? [url, url.replace(/^\/+/, '/')] : [url];
    this.#hashes = forms.map((form) =>
      createHash('sha256').update(checksumPrefix({ method: request.method, url: form, headers })),
    );
  }

  update(bytes: Buffer): void {
    for (const hash of this.#hashes) hash.update(bytes);
  }

  /** Phase two: refuses with `checksum-invalid`. Call it once. */
  judge(opened: Opened): void {
    judgeChecksum(
      opened.claims,
      this.#hashes.map((hash) => hash.digest('base64')),
    );
  }
}

/** Few requests have such headers, and the others must not be scanned twice because of them. */
function namedApi(request: FastifyRequest): [string, string][] {
  const named: [string, string][] = [];
  for (const name in request.headers) {
    if (!name.startsWith('api')) continue;
    const value = request.headers[name];
    if (value !== undefined) named.push([name, Array.isArray(value) ? value.join(',') : value]);
  }
  return named;
}
