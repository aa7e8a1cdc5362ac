/** Which listed object an address or a name matches: compared with a slow and plain search of the list. */
import type { ObjectEntry } from '@cordon/protocol/channel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entriesFrom } from '../address-blocking/entries.ts';
import { Matcher } from './matcher.ts';

function listed(type: ObjectEntry['type'], content: string, action: 'block' | 'log' = 'block'): ObjectEntry {
  return { type, content, action, size: null, sha256: null, expiresAt: null };
}

function matcherFor(objects: readonly ObjectEntry[]): Matcher {
  return new Matcher(entriesFrom(objects, { settings: { group: 'default', network: 'enforce' }, now: 0, kept: [] }));
}

/** Few letters, so that many names are below one another. */
const label = fc.constantFrom('a', 'b', 'ab');
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join('.'));
const domain = name.map((one) => listed('domain', one));
const everythingBelow = name.map((one) => listed('domain', `*.${one}`));
const url = fc.tuple(name, fc.nat(3)).map(([host, path]) => listed('url', `https://${host}/${path}`));
const objects = fc.uniqueArray(fc.oneof(domain, everythingBelow, url), {
  maxLength: 20,
  selector: ({ content }) => content,
});

test('a name is the nearest listed domain above it, and URLs of its very host', () => {
  fc.assert(
    fc.property(objects, name, (list, asked) => {
      const found = matcherFor(list).name(asked);
      const domains = list.filter((one) => one.type === 'domain' && holds(one.content, asked));
      const longest = Math.max(...domains.map(({ content }) => nameOf(content).length));
      const nearest = domains.filter(({ content }) => nameOf(content).length === longest);
      const urls = list.filter((one) => one.type === 'url' && new URL(one.content).hostname === asked);
      // Both `a.b` and `*.a.b` may be listed: then either is right.
      const sent = nearest.filter((one) => one === found[0]);
      expect(sent.length).toBe(Math.min(nearest.length, 1));
      expect(found).toEqual([...sent, ...urls].slice(0, 4));
    }),
  );
});

function nameOf(content: string): string {
  return content.replace('*.', '');
}

function holds(content: string, asked: string): boolean {
  if (content.startsWith('*.')) return asked.endsWith(content.slice(1));
  return asked === content || asked.endsWith(`.${content}`);
}

/** In 10.0.0.0/24 and around it. */
const network = fc.tuple(fc.nat(255), fc.integer({ min: 22, max: 32 }), fc.constantFrom('block', 'log'));

test('an address is the longest listed network around it that has this action', () => {
  fc.assert(
    fc.property(fc.array(network, { maxLength: 20 }), fc.nat(255), (networks, last) => {
      const whole = networks.map(([at, prefix, action]) => ({ first: at & mask(prefix), prefix, action }));
      const list = whole.map(({ first, prefix, action }) => listed('ip', `10.0.0.${first & 255}/${prefix}`, action));
      const matcher = matcherFor(list);
      for (const action of ['block', 'log'] as const) {
        const around = whole.filter((one) => one.action === action && (last & mask(one.prefix)) === one.first);
        const longest = around.reduce((most, { prefix }) => Math.max(most, prefix), -1);
        const found = matcher.address(`0a0000${last.toString(16).padStart(2, '0')}`, action);
        expect(found ? Number(found.content.split('/')[1]) : -1).toBe(longest);
      }
    }),
  );
});

function mask(prefix: number): number {
  return (2 ** 32 - 2 ** (32 - prefix)) | 0;
}

// With a copy of the list for each of them, this took minutes.
test('as many URLs of one host as are kept are read in one go', { timeout: 20_000 }, () => {
  const list = Array.from({ length: 100_000 }, (_, path) => listed('url', `https://files.example/${path}`));
  expect(matcherFor(list).name('files.example')).toEqual(list.slice(0, 4));
});
