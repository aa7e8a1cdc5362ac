/** The streamed FileUDSO body, compared with JSON.parse and Buffer.from over the whole bytes. */
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '@cordon/protocol/automation';
import type { Upload } from './upload-body.ts';
import { UploadReader, largestBody } from './upload-body.ts';

const key = 'file_content_base64_string';
const plenty = 1_000_000;

/** Feeds `body` in chunks that end at `borders`. */
function read(body: Buffer, borders: readonly number[] = [], limit = plenty): Upload {
  const reader = new UploadReader(limit);
  let start = 0;
  for (const end of [...new Set(borders.map((border) => border % (body.length + 1)))].sort((a, b) => a - b)) {
    reader.feed(body.subarray(start, end));
    start = end;
  }
  reader.feed(body.subarray(start));
  return reader.finish();
}

function text(body: string, borders?: readonly number[]): Upload {
  return read(Buffer.from(body), borders);
}

/** The expected content, computed the simple way; undefined when it must be refused. */
function oracle(body: Buffer): { sha1: string; sha256: string; size: number; fields: unknown } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = Object.fromEntries(Object.entries(value));
  const content: unknown = fields[key];
  if (typeof content !== 'string') return undefined;
  const bare = content.replaceAll(/[\t\n\r ]/g, '');
  if (bare.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(bare)) return undefined;
  const bytes = Buffer.from(bare, 'base64');
  const hash = (name: string): string => createHash(name).update(bytes).digest('hex');
  return {
    fields: { ...fields, [key]: '' },
    size: bytes.length,
    sha1: hash('sha1').toUpperCase(),
    sha256: hash('sha256'),
  };
}

/** The upload, or undefined when it was refused; anything but a Refusal is a bug. */
function outcome(body: Buffer, borders: readonly number[]): Upload | undefined {
  try {
    return read(body, borders);
  } catch (error) {
    if (error instanceof Refusal && error.reason === 'parameter-invalid') return undefined;
    throw error;
  }
}

const borders = fc.array(fc.nat(2000), { maxLength: 30 });

/** Spells a JSON string in one of the many ways JSON allows. */
function spelling(value: string): fc.Arbitrary<string> {
  const ways = fc.array(fc.nat(2), { minLength: value.length, maxLength: value.length });
  return ways.map((choices) => {
    const spelt = Array.from(value, (character, index) => {
      const plain = JSON.stringify(character).slice(1, -1);
      const code = `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
      if (choices[index] === 0) return plain;
      return choices[index] === 1 && character === '/' ? '\\/' : code;
    });
    return `"${spelt.join('')}"`;
  });
}

describe('a good body', () => {
  it('gives the hashes and the size of the file, and the fields beside it', () => {
    const body = `{"file_name": "VerySmallFile.txt", "${key}": "MTIzMTIz", "file_scan_action": "LOG", "note": "n"}`;
    expect(text(body)).toEqual({
      fields: { file_name: 'VerySmallFile.txt', [key]: '', file_scan_action: 'LOG', note: 'n' },
      size: 6,
      sha1: '601F1889667EFAEBB33B8C12572835DA3F027F78',
      sha256: '96cae35ce8a9b0244178bf28e4966c2ce1b8385723a96a6b838858cdd6ca0a1e',
    });
  });

  it('reads the same wherever it is cut', () => {
    const body = `{"note":"\\"${key}\\":\\"x\\"","${key}":"MTIz\\n\\/\\u002b\\u002B\\/AAA=","file_name":"ü🔒"}`;
    const whole = text(body);
    for (let border = 0; border <= Buffer.byteLength(body); border += 1) expect(text(body, [border])).toEqual(whole);
    expect(
      text(
        body,
        Array.from(body, (_character, index) => index),
      ),
    ).toEqual(whole);
  });

  it('reads like JSON.parse and Buffer.from, in any spelling, key order and cut', () => {
    const body = fc
      .record({
        content: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('base64')),
        beside: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }),
        first: fc.boolean(),
        blank: fc.constantFrom('', ' ', '\n\t', '\r\n  '),
      })
      .chain(({ content, beside, first, blank }) =>
        fc.tuple(spelling(key), spelling(content)).map(([name, value]) => {
          const { [key]: _, ...others } = beside;
          const pairs = Object.entries(others).map(
            ([one, its]) => `${JSON.stringify(one)}:${blank}${JSON.stringify(its)}`,
          );
          const mine = `${name}${blank}:${blank}${value}`;
          return Buffer.from(`${blank}{${(first ? [mine, ...pairs] : [...pairs, mine]).join(`${blank},`)}}${blank}`);
        }),
      );
    fc.assert(
      fc.property(body, borders, (bytes, cut) => {
        expect(read(bytes, cut)).toEqual(oracle(bytes));
      }),
      { numRuns: 300 },
    );
  });

  it('may hold the same key deeper down, which is not the content', () => {
    const body = `{"x":{"${key}":"!!!"},"y":["${key}",{"${key}":["QQ=="]}],"${key}":"QQ=="}`;
    expect(text(body)).toMatchObject({ size: 1, fields: { x: { [key]: '!!!' } } });
  });

  it('may hold the key as a value, or as part of another key', () => {
    expect(text(`{"note":"${key}","${key}2":"!","${key}":"QQ=="}`).size).toBe(1);
  });

  it('of an empty file has no bytes', () => {
    expect(text(`{"${key}":""}`)).toMatchObject({ size: 0, sha1: 'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709' });
  });

  it('may break its base64 into lines', () => {
    expect(text(`{"${key}":"TVRJ\\r\\nek1U\\nSXo="}`).size).toBe(8);
  });
});

describe('a bad body is refused', () => {
  const rows: [string, string, string][] = [
    ['not JSON', `{"${key}":"QQ==",}`, 'The request body is not JSON in UTF-8.'],
    ['cut short', `{"${key}":"QQ==`, 'The request body is not JSON in UTF-8.'],
    ['two values', `{"${key}":"QQ=="}{}`, 'The request body is not JSON in UTF-8.'],
    ['nothing at all', '', 'The body is not a JSON object.'],
    ['a list', `["${key}"]`, 'The body is not a JSON object.'],
    ['no content', '{"file_name":"x"}', `The body has no string "${key}".`],
    ['content null', `{"${key}":null}`, `The body has no string "${key}".`],
    ['content a list', `{"${key}":["QQ=="]}`, `The body has no string "${key}".`],
    ['content twice', `{"${key}":"QQ==","${key}":"QQ=="}`, `"${key}" is in the body twice.`],
    ['content twice, once escaped', `{"${key}":"QQ==","\\u0066${key.slice(1)}":null}`, `is in the body twice.`],
    ['url-safe alphabet', `{"${key}":"_-_-"}`, 'it holds a character outside A-Z, a-z, 0-9, + and /.'],
    ['a foreign character', `{"${key}":"QQ!="}`, 'it holds a character outside A-Z, a-z, 0-9, + and /.'],
    ['a letter beyond ASCII', `{"${key}":"QQQé"}`, 'it holds a character outside'],
    ['padding left out', `{"${key}":"QQ"}`, 'it was cut short or has no padding.'],
    ['padding alone', `{"${key}":"===="}`, 'it holds a character outside'],
    ['data after the padding', `{"${key}":"QQ==QQ=="}`, 'it holds a character outside'],
    ['an escaped quote', `{"${key}":"QQ\\"=="}`, 'is not'],
    ['an unknown escape', `{"${key}":"QQ\\x=="}`, 'it has an escape that base64 never needs.'],
    ['a raw line break', `{"${key}":"QUJD\nQUJD"}`, 'it holds a line break or tab that is not escaped.'],
    ['an escaped backslash before an n', `{"${key}":"\\\\nQUJD"}`, 'it'],
    ['a NUL beside the content', `{"${key}":"QQ==","note":"\\u0000"}`, 'The request body holds a NUL character'],
  ];
  it.each(rows)('%s', (_name, body, message) => {
    for (const cut of [[], Array.from(body, (_character, index) => index)]) {
      expect(() => text(body, cut)).toThrow(expect.objectContaining({ reason: 'parameter-invalid' }));
    }
    expect(() => text(body)).toThrow(message);
  });

  it('data after the padding, in a piece of its own', () => {
    const body = `{"${key}":"QQ==QQ=="}`;
    expect(() => text(body, [body.indexOf('QQ==QQ') + 4])).toThrow('something follows its padding.');
  });

  it('bytes that are not UTF-8, beside the content and in it', () => {
    const [before, after] = [Buffer.from(`{"note":"`), Buffer.from(`","${key}":"QQ=="}`)];
    expect(() => read(Buffer.concat([before, Buffer.of(0xff, 0xfe), after]))).toThrow('is not JSON in UTF-8.');
    const inside = Buffer.concat([Buffer.from(`{"${key}":"QQQ`), Buffer.of(0xff), Buffer.from('"}')]);
    expect(() => read(inside)).toThrow('it holds a character outside');
  });

  it('more beside the content than names and notes can need, whatever it is', () => {
    expect(text(`{"note":"${'x'.repeat(60_000)}","${key}":"QQ=="}`).size).toBe(1);
    expect(() => text(`{"note":"${'x'.repeat(66_000)}","${key}":"QQ=="}`)).toThrow(
      'The body has more than 65536 bytes besides the content; shorten file_name and note.',
    );
    expect(() => text(`{"${'k'.repeat(66_000)}":1,"${key}":"QQ=="}`)).toThrow('more than 65536 bytes');
  });

  it('exactly when JSON.parse and Buffer.from would, for broken bodies too', () => {
    const pieces = [
      '"',
      '\\',
      '\\u002',
      '\\u002b',
      '\\/',
      '\\n',
      '\n',
      ' ',
      '=',
      'QUJD',
      '{',
      '}',
      ',',
      ':',
      key,
      'null',
    ];
    const broken = fc.tuple(
      fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((some) => some.join('')),
      fc.constantFrom('content', 'body'),
    );
    fc.assert(
      fc.property(broken, borders, ([some, where], cut) => {
        const body = Buffer.from(where === 'content' ? `{"a":1,"${key}":"${some}"}` : `{${some}}`);
        // JSON.parse takes the last of two equal keys; two files are refused here.
        fc.pre(body.toString().split(key).length <= 2);
        expect(outcome(body, cut)).toEqual(oracle(body));
      }),
      { numRuns: 2000 },
    );
  });

  it('never with anything but a Refusal, for arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), borders, (bytes, cut) => {
        expect(outcome(Buffer.from(bytes), cut)).toBeUndefined();
      }),
    );
  });
});

/** A body with a file of `size` bytes. */
function bodyOf(size: number): Buffer {
  return Buffer.from(`{"${key}":"${Buffer.alloc(size, 7).toString('base64')}"}`);
}

describe('the limit', () => {
  it('lets a file of just that size pass, and refuses one byte more', () => {
    expect(read(bodyOf(1000), [500], 1000).size).toBe(1000);
    expect(() => read(bodyOf(1001), [500], 1000)).toThrow(
      expect.objectContaining({
        reason: 'body-too-large',
        message:
          'The file is larger than 1000 bytes, the limit of this server. Add its SHA-1 as file_sha1 instead, or raise CORDON_UPLOAD_LIMIT.',
      }),
    );
  });

  it('is noticed before the end of the body', () => {
    const reader = new UploadReader(1000);
    expect(() => reader.feed(bodyOf(5000).subarray(0, 3000))).toThrow('larger than 1000 bytes');
  });

  it('of the body has room for a file of the largest size, its lines broken and its slashes escaped', () => {
    const file = Buffer.from(Uint8Array.from({ length: 300_000 }, (_byte, index) => index * 31));
    const lines = file.toString('base64').match(/.{1,76}/g) ?? [];
    const content = lines.join(String.raw`\r\n`).replaceAll('/', String.raw`\/`);
    expect(Buffer.byteLength(`{"${key}":"${content}"}`)).toBeLessThan(largestBody(file.length));
    expect(largestBody(file.length)).toBeLessThan(3 * file.length + 65_536);
  });
});
