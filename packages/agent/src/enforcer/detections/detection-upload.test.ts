/** Receipts that link brings: accepted only if the server signed them for this very agent and spool. */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDocument, signDocument } from '@cordon/protocol/channel';
import type { Detection, DetectionBatch, DetectionsReceipt, SignedDocument } from '@cordon/protocol/channel';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DetectionUpload } from './detection-upload.ts';
import { Spool } from './spool.ts';

const signing = generateKeyPairSync('ed25519');
const own = generateKeyPairSync('ed25519');
const agent = randomUUID();
const enrolment = randomUUID();
const closers: (() => unknown)[] = [];

let folder: string;
let sent: DetectionBatch[];
let logged: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-dispatch-'));
  sent = [];
  logged = [];
});

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
  rmSync(folder, { recursive: true, force: true });
});

interface Running {
  readonly spool: Spool;
  readonly dispatch: DetectionUpload;
  readonly stop: () => Promise<void>;
}

function start(): Running {
  const spool = new Spool({ folder, log: () => undefined, kept: () => undefined, grown: () => undefined });
  const signer = {
    detections: (name: string, detections: Detection[]): SignedDocument =>
      signDocument('detections', { agent, enrolment, spool: name, detections }, own.privateKey),
  };
  const dispatch = new DetectionUpload({
    spool,
    signer,
    addressee: { agent, enrolment, signingKey: signing.publicKey },
    send: (message) => {
      if (message.type === 'detections') sent.push(openDocument('detections', message.detections, own.publicKey));
    },
    log: (_event, facts) => logged.push(String(facts?.['message'])),
  });
  const stop = async (): Promise<void> => {
    dispatch.close();
    await spool.close();
  };
  closers.push(stop);
  return { spool, dispatch, stop };
}

/** With this many detections on disk, and the first batch of them sent. */
async function begun(count: number): Promise<Running> {
  const running = start();
  for (let index = 0; index < count; index += 1) running.spool.add(match);
  await running.spool.flush();
  running.dispatch.connected();
  return running;
}

const match: Omit<Detection, 'sequence'> = {
  at: 1,
  detectedBy: 'open',
  object: { type: 'file_sha1', content: 'A'.repeat(40) },
  action: 'blocked',
  remark: null,
  count: 1,
  file: null,
  process: null,
  user: null,
  remote: null,
};

function receipt(given: Partial<DetectionsReceipt> & { sequence: number }, key = signing.privateKey): SignedDocument {
  return signDocument('detections-receipt', { agent, enrolment, spool: sent.at(-1)?.spool ?? '', ...given }, key);
}

describe('a receipt', () => {
  test('of the server lets the spool forget, and the next batch follow', async () => {
    const { spool, dispatch } = await begun(150);
    expect(sent.map(({ detections }) => detections.length)).toEqual([100]);
    dispatch.recorded(receipt({ sequence: 100 }));
    expect(sent.map(({ detections }) => detections.length)).toEqual([100, 50]);
    expect(spool.length).toBe(50);
    dispatch.recorded(receipt({ sequence: 150, agent: agent.toUpperCase() }));
    expect(spool.length).toBe(0);
    expect(logged).toEqual([]);
  });

  test.each([
    ['made up by link', {}, own.privateKey, 'does not fit the pinned key'],
    ["of another agent's detections", { agent: randomUUID() }, signing.privateKey, 'It is for agent'],
    ['of an earlier enrolment', { enrolment: randomUUID() }, signing.privateKey, 'It is for enrolment'],
    ['of another spool', { spool: randomUUID() }, signing.privateKey, 'It is for spool'],
    ['of what was never sent', { sequence: 101 }, signing.privateKey, 'nothing after 100 was sent'],
  ])('%s is refused with a line in the log, and nothing is forgotten', async (_name, given, key, message) => {
    const { spool, dispatch } = await begun(150);
    dispatch.recorded(receipt({ sequence: 100, ...given }, key));
    expect(spool.length).toBe(150);
    expect(sent).toHaveLength(1);
    expect(logged).toEqual([expect.stringContaining(message)]);
  });

  test('that is replayed changes nothing, then or after a restart', async () => {
    const { spool, dispatch, stop } = await begun(3);
    const [first, second] = [receipt({ sequence: 1 }), receipt({ sequence: 2 })];
    dispatch.recorded(second);
    dispatch.recorded(first);
    dispatch.recorded(second);
    expect(spool.length).toBe(1);
    expect(logged).toEqual([
      'It names sequence 1; 2 is recorded already.',
      'It names sequence 2; 2 is recorded already.',
    ]);
    await stop();
    const again = start();
    again.dispatch.recorded(receipt({ sequence: 3 }));
    expect(again.spool.length).toBe(1);
    again.dispatch.connected();
    expect(sent.at(-1)?.detections.map(({ sequence }) => sequence)).toEqual([3]);
    again.dispatch.recorded(receipt({ sequence: 3 }));
    expect(again.spool.length).toBe(0);
  });

  test('of a spool whose disk was lost means nothing to the one that follows it', async () => {
    const { dispatch, stop } = await begun(3);
    const old = receipt({ sequence: 3 });
    dispatch.recorded(old);
    await stop();
    rmSync(folder, { recursive: true });
    const again = await begun(3);
    expect(sent.at(-1)?.detections.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    again.dispatch.recorded(old);
    expect(again.spool.length).toBe(3);
    expect(logged).toEqual([expect.stringContaining('It is for spool')]);
  });

  test('that comes late, for a batch that was sent again on another channel, still counts', async () => {
    const { spool, dispatch } = await begun(2);
    const late = receipt({ sequence: 2 });
    spool.add(match);
    await spool.flush();
    dispatch.connected();
    expect(sent.at(-1)?.detections).toHaveLength(3);
    dispatch.recorded(late);
    expect(spool.length).toBe(1);
    dispatch.recorded(receipt({ sequence: 3 }));
    expect(spool.length).toBe(0);
  });

  test('of any other content neither throws nor makes anything forgotten', async () => {
    const { spool, dispatch } = await begun(3);
    const texts = fc.oneof(fc.string(), fc.json());
    const field = fc.constantFrom('agent', 'enrolment', 'spool', 'sequence');
    const changed = fc.record({ field, value: fc.jsonValue() }).map(({ field: name, value }) => {
      const genuine = { agent, enrolment, spool: spool.name, sequence: 3 };
      return JSON.stringify({ ...genuine, [name]: typeof value === 'number' ? value + 4 : value });
    });
    fc.assert(
      fc.property(fc.oneof(texts, changed), fc.boolean(), (document, isSigned) => {
        const signature = isSigned
          ? sign(null, Buffer.from(`cordon detections-receipt 1\n${document}`), signing.privateKey).toString('base64')
          : 'A'.repeat(88);
        dispatch.recorded({ document, signature });
        expect(spool.length).toBe(3);
      }),
    );
  });
});
