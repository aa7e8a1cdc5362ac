/** CEF: whatever names contain, one event is one line, and no value becomes another field. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventBody, Happening } from '../console/events.ts';
import { cefOfAudit, cefOfEvent } from './index.ts';
import { atMost } from './line.ts';

const marks = ['|', '\\', '=', '\n', '\r', '\t', '\0', ' ', '\u0085', '\u2028', '\u2029', '\u202e', 'cs1', '<13>1'];
const hostile = fc.string({ unit: fc.constantFrom(...marks, 'é', '漢', '😀'), maxLength: 40 });

function detection(text: string): Happening {
  const process = { pid: 812, startedAt: 5, name: text, executable: text, commandLine: text };
  const body: EventBody<'detection'> = {
    id: 9,
    agent: 'a3c4',
    hostName: text,
    receivedAt: 1000,
    sequence: 1,
    at: 1000,
    count: 2,
    detectedBy: 'open',
    action: 'blocked',
    remark: text,
    object: { type: 'file_sha1', content: 'AB'.repeat(20) },
    file: {
      path: { text: `/tmp/${text}` },
      sha1: 'AB'.repeat(20),
      size: 7,
      device: 1,
      inode: 2,
      otherLinks: 0,
      quarantine: null,
      usedBy: [process],
    },
    process,
    user: { id: 1000, name: text },
    remote: { direction: 'out', protocol: 'tcp', address: '192.0.2.7', port: 443, name: text },
  };
  return { kind: 'detection', at: 1000, body };
}

/**
 * An independent reader: splits the header at unescaped pipes, the extension at keys before an unescaped equals sign.
 */
function read(line: string): { header: string[]; fields: Map<string, string> } {
  const parts = line.split(/(?<!\\)(?:\\\\)*\|/);
  const header = parts.slice(0, 7);
  const extension = line.slice(parts.slice(0, 7).join('|').length + 1);
  const fields = new Map<string, string>();
  for (const [, key = '', value = ''] of extension.matchAll(
    /(?:^| )([A-Za-z0-9]+)=((?:\\.|[^\\=])*?)(?= [A-Za-z0-9]+=|$)/g,
  ))
    fields.set(
      key,
      value.replaceAll(/\\(.)/g, (_, letter: string) => ({ n: '\n', r: '\r' })[letter] ?? letter),
    );
  return { header, fields };
}

describe('an event as CEF', () => {
  it('reads like this', () => {
    expect(cefOfEvent(41, detection('evil'), '0.1.0')).toBe(
      'CEF:0|Cordon|Cordon|0.1.0|detection|Suspicious object blocked|8|rt=1000 externalId=41 dvchost=evil ' +
        'deviceExternalId=a3c4 act=blocked cnt=2 cs1Label=object cs1=file_sha1 ABABABABABABABABABABABABABABABABABABABAB ' +
        'cs2Label=seen by cs2=open fname=evil filePath=/tmp/evil fileHash=ABABABABABABABABABABABABABABABABABABABAB ' +
        'fsize=7 spid=812 sproc=evil cs4Label=command line cs4=evil suser=evil suid=1000 deviceDirection=1 proto=tcp ' +
        'dst=192.0.2.7 dpt=443 dhost=evil msg=evil',
    );
  });

  it('is one line whatever the names hold, and every field is read back as its own', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const line = cefOfEvent(41, detection(text), '0.1.0');
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
        const { header, fields } = read(line);
        expect(header).toEqual(['CEF:0', 'Cordon', 'Cordon', '0.1.0', 'detection', 'Suspicious object blocked', '8']);
        expect(fields.get('externalId')).toBe('41');
        expect(fields.get('fileHash')).toBe('AB'.repeat(20));
        expect(fields.get('dst')).toBe('192.0.2.7');
        const readable = text.replaceAll(/[\0\t\u0085\u2028\u2029\u202e]/g, ' ');
        expect(fields.get('filePath')).toBe(`/tmp/${readable}`);
        expect(fields.get('dhost') ?? '').toBe(readable);
      }),
      { numRuns: 500 },
    );
  });

  it('fits into what collectors take, however long the names are', () => {
    for (const letter of ['a', '=', '漢', '😀', '\n']) {
      expect(Buffer.byteLength(cefOfEvent(1, detection(letter.repeat(4000)), '0.1.0'))).toBeLessThan(8000);
    }
  });
});

describe('atMost', () => {
  it('cuts between characters, never inside one', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat({ max: 40 }), (text, bytes) => {
        const cut = atMost(text, bytes);
        expect(text.startsWith(cut)).toBe(true);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(bytes);
      }),
    );
  });
});

describe('a line of the audit as CEF', () => {
  it('is one line whatever was tried', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const fields = { actor: text, source: text, act: text, target: text, outcome: text, detail: text };
        const line = cefOfAudit({ id: 1, at: 2, ...fields, requestId: text, hash: 'ab' }, '0.1.0');
        expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
        expect(read(line).fields.get('externalId')).toBe('1');
      }),
    );
  });
});
