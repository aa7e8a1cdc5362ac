/** The encoded query is final: every URL parser on the way leaves the signed text unchanged. */
import { readFile, readdir } from 'node:fs/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeQuery, parseBaseUrl } from './base-url.ts';

const anything = fc.string({ unit: 'binary', minLength: 1 });

describe('an encoded query', () => {
  it('comes out of a URL parser as it went in, and means what was asked', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z_]+$/), anything), (query) => {
        const encoded = encodeQuery(query);
        const url = new URL(`https://cordon.example/path${encoded}`);
        expect(url.search).toBe(encoded);
        for (const [name, value] of Object.entries(query))
          expect(url.searchParams.get(name)).toBe(value.toWellFormed());
      }),
    );
  });

  it('leaves out what is empty or not given, and itself when nothing is left', () => {
    expect(encodeQuery({ a: '', b: undefined })).toBe('');
    expect(encodeQuery({ a: '', b: '1', c: '0' })).toBe('?b=1&c=0');
  });

  it('does not fail on half a surrogate pair', () => {
    expect(encodeQuery({ a: '\ud800' })).toBe('?a=%EF%BF%BD');
  });
});

describe('a base URL', () => {
  it.each([
    ['https://h', 'https://h'],
    ['https://h:443/', 'https://h'],
    ['https://h/proxy/', 'https://h/proxy'],
    ['https://h/proxy/WebApp/login.html?x#y', 'https://h/proxy'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['https://[::1]:8443/', 'https://[::1]:8443'],
  ])('%s is %s', (text, href) => {
    expect(parseBaseUrl(text).href).toBe(href);
  });
});

describe('the core', () => {
  it('imports nothing of Node, so that browsers can have it', async () => {
    const root = new URL('../', import.meta.url);
    const names = (await readdir(root, { recursive: true })).filter((name) =>
      /^(?!node\/).*(?<!\.test)\.ts$/.test(name),
    );
    const texts = await Promise.all(names.map((name) => readFile(new URL(name, root), 'utf8')));
    expect(names.length).toBeGreaterThan(28);
    expect(texts.join('\n')).not.toMatch(/from '(node:|\.{1,2}\/node\/)|\bBuffer\b|\bprocess\./);
  });
});
