/** What is retried and what never is: an act must not happen twice because an answer was lost. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startStub } from '../../../../test/cli/stub-server.ts';
import type { Stub } from '../../../../test/cli/stub-server.ts';
import { Client } from '../automation/client.ts';
import { NetworkError } from '../errors.ts';
import { pinnedTransport } from '../node/index.ts';
import { retrying } from './retrying.ts';
import type { Transport } from './transport.ts';

let stub: Stub;
beforeEach(async () => {
  stub = await startStub();
});
afterEach(async () => {
  await stub.close();
});

const busyProxy = { status: 503, body: '<html>busy</html>' };

/** A client whose first requests fail with these codes, before (or after) they have reached the server. */
function client(codes: readonly string[] = [], attempts = 3): { client: Client; tried: () => number } {
  const { url, applicationId, apiKey } = stub;
  const send = pinnedTransport(stub);
  let tried = 0;
  const transport: Transport = async (request) => {
    const code = codes[tried];
    tried += 1;
    if (code === undefined) return send(request);
    throw new NetworkError('h', { code, message: code, hint: '' });
  };
  const retries = { attempts, firstPauseMs: 1 };
  return { client: new Client({ url, applicationId, apiKey, transport, retries }), tried: () => tried };
}

describe('a request that only reads', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT'])('is sent again after %s', async (code) => {
    const given = client([code, code]);
    expect(await given.client.agents.list()).toHaveLength(3);
    expect(given.tried()).toBe(3);
  });

  it('is sent again while a proxy in front is busy, each time with a token of its own', async () => {
    stub.answers.push(busyProxy, busyProxy);
    expect(await client().client.servers.list()).toHaveLength(2);
    expect(stub.seen).toHaveLength(3);
  });

  it('is given up after as many attempts as were allowed', async () => {
    const given = client(['ECONNRESET', 'ECONNRESET', 'ECONNRESET'], 2);
    await expect(given.client.agents.list()).rejects.toMatchObject({ kind: 'network', code: 'ECONNRESET' });
    expect(given.tried()).toBe(2);
  });

  it.each(['FINGERPRINT_MISMATCH', 'CERT_HAS_EXPIRED', 'ENOTFOUND'])('is not sent again after %s', async (code) => {
    const given = client([code]);
    await expect(given.client.agents.list()).rejects.toMatchObject({ code });
    expect(given.tried()).toBe(1);
  });
});

describe('a request that acts', () => {
  it('is sent again when nobody listened', async () => {
    const given = client(['ECONNREFUSED']);
    expect(await given.client.agents.isolate({ hostName: 'client01' })).toHaveLength(1);
    expect(given.tried()).toBe(2);
  });

  it.each(['ECONNRESET', 'ETIMEDOUT', 'EPIPE'])('is not sent again after %s: it may have been done', async (code) => {
    const given = client([code]);
    await expect(given.client.agents.isolate({ hostName: 'client01' })).rejects.toMatchObject({ code });
    await expect(given.client.objects.remove({ type: 'ip', content: '203.0.113.9' })).resolves.toBeDefined();
    expect(given.tried()).toBe(2);
  });

  it('is not sent again after the 503 of a proxy', async () => {
    stub.answers.push(busyProxy);
    await expect(client().client.agents.isolate({ hostName: 'client01' })).rejects.toMatchObject({ httpStatus: 503 });
    expect(stub.seen).toHaveLength(1);
  });
});

describe('the pauses between attempts', () => {
  it('end at once when the caller gives up', async () => {
    const giveUp = new AbortController();
    const attempt = async (): Promise<never> => {
      giveUp.abort();
      throw new NetworkError('h', { code: 'ECONNREFUSED', message: 'no', hint: '' });
    };
    const how = { options: { firstPauseMs: 3_600_000 }, repeatable: true, signal: giveUp.signal, random: () => 1 };
    await expect(retrying(attempt, how)).rejects.toMatchObject({ kind: 'aborted' });
  });
});
