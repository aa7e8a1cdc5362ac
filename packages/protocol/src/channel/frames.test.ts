/** Frames decode or they do not; no text whatever makes a decoder throw. Version 1 is held here. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAgentFrame, decodeGatewayFrame } from './frames.ts';

const guid = '492E8584-0114-694D-BF9D-44CC20141501';
const signed = { document: '{}', signature: 's'.repeat(88) };
const facts = {
  hostName: 'client01',
  addresses: ['192.0.2.7'],
  macs: ['00-0C-29-9B-AB-65'],
  product: 'SLF_PRODUCT_OFFICESCAN_CE',
  platform: 'Debian GNU/Linux 12 (bookworm)',
  agentVersion: '0.1.0',
  adDomain: '',
  folder: 'Workgroup',
  canIsolate: true,
};

/** Every frame of version 1, as it was on the wire on 2026-12-01. */
const gatewayFrames = [
  { frame: 'challenge', version: 1, nonce: 'n'.repeat(22) },
  { frame: 'welcome', server: guid, objectsRevision: 0 },
  { frame: 'desired', desired: signed },
  { frame: 'objects-changed', revision: 3 },
  { frame: 'objects', page: signed },
  { frame: 'recorded', at: 1_700_000_000_000 },
  { frame: 'task', task: signed },
  { frame: 'progress-recorded', receipt: signed },
  { frame: 'detections-recorded', receipt: signed },
  { frame: 'refused', reason: 'agent-unknown', message: 'Enrol again.' },
];
const agentFrames = [
  {
    frame: 'hello',
    version: 1,
    agent: guid,
    signature: 's'.repeat(88),
    facts,
    epoch: 0,
    issuedAt: 0,
    objectsRevision: 0,
  },
  { frame: 'report', report: signed },
  { frame: 'objects-after', revision: 0 },
  { frame: 'progress', progress: signed },
  { frame: 'detections', detections: signed },
];

describe('a frame of version 1', () => {
  it.each(gatewayFrames)('from the gateway, $frame, decodes', (frame) => {
    expect(decodeGatewayFrame(JSON.stringify(frame))).toEqual(frame);
    expect(decodeAgentFrame(JSON.stringify(frame))).toBeUndefined();
  });

  it.each(agentFrames)('from the agent, $frame, decodes', (frame) => {
    expect(decodeAgentFrame(JSON.stringify(frame))).toEqual(frame);
    expect(decodeGatewayFrame(JSON.stringify(frame))).toBeUndefined();
  });

  it('decodes with fields that a later version may add', () => {
    const later = { ...gatewayFrames[0], algorithms: ['x'] };
    expect(decodeGatewayFrame(JSON.stringify(later))).toMatchObject({ frame: 'challenge' });
  });

  it.each([
    ['a MAC with colons', { ...facts, macs: ['00:0C:29:9B:AB:65'] }],
    ['an empty host name', { ...facts, hostName: '' }],
    ['65 addresses', { ...facts, addresses: Array.from({ length: 65 }, () => '192.0.2.1') }],
  ])('with %s is no frame', (_name, bad) => {
    expect(decodeAgentFrame(JSON.stringify({ ...agentFrames[0], facts: bad }))).toBeUndefined();
  });

  it.each(['progress-recorded', 'detections-recorded'])('that says %s without a receipt is no frame', (frame) => {
    const unsigned = { frame, sequence: 3, task: 'one', at: 1, receipt: 'stored' };
    expect(decodeGatewayFrame(JSON.stringify(unsigned))).toBeUndefined();
  });
});

describe('a decoder', () => {
  it('is total over arbitrary text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(decodeGatewayFrame(text)).toBeUndefined();
        expect(decodeAgentFrame(text)).toBeUndefined();
      }),
    );
  });

  it('is total over frames with one field replaced by anything', () => {
    const all = [...gatewayFrames, ...agentFrames];
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.nat(6), fc.jsonValue(), (frame, at, value) => {
        const keys = Object.keys(frame);
        const text = JSON.stringify({ ...frame, [keys[at % keys.length] ?? 'frame']: value });
        expect(() => [decodeGatewayFrame(text), decodeAgentFrame(text)]).not.toThrow();
      }),
    );
  });
});
