/** Suspicious objects from clients' spellings to the form that is stored (contract 3.6, 4.5; 8, rules 4 and 10). */
import { describe, expect, it } from 'vitest';
import { parseAction, parseName, parseNotes, parseObject, searchText } from './parse.ts';

const now = Date.UTC(2026, 0, 1);

describe('content of type', () => {
  it.each([
    ['ip', '203.0.113.7', '203.0.113.7'],
    ['ip', ' 203.0.113.7 ', '203.0.113.7'],
    ['ip', '203.0.113.0/24', '203.0.113.0/24'],
    ['ip', '2001:DB8:0::7', '2001:db8::7'],
    ['ip', '2001:db8::/032', '2001:db8::/32'],
    ['IP', '203.0.113.7', '203.0.113.7'],
    ['ip', '203.0.113.7/24', '203.0.113.0/24'],
    ['ip', '203.0.113.7/32', '203.0.113.7'],
    ['ip', '2001:db8:1:2::7/32', '2001:db8::/32'],
    ['ip', '2001:db8::7/128', '2001:db8::7'],
    ['ip', '::ffff:1.2.3.4', '1.2.3.4'],
    ['ip', '::FFFF:102:304', '1.2.3.4'],
    ['ip', '::ffff:1.2.3.4/120', '1.2.3.0/24'],
    ['ip', '::ffff:1.2.3.4/95', '::fffe:0:0/95'],
    ['ip', '::', '::'],
    ['url', 'HTTP://Bad.example/Path?A=b', 'HTTP://Bad.example/Path?A=b'],
    ['url', `https://${'x'.repeat(2039)}`, `https://${'x'.repeat(2039)}`],
    ['domain', 'Bad.Example.COM', 'bad.example.com'],
    ['domain', 'bad.example.com.', 'bad.example.com'],
    ['domain', '*.bad.example', '*.bad.example'],
    ['domain', 'München.example', 'xn--mnchen-3ya.example'],
    ['domain', '*.münchen.example.', '*.xn--mnchen-3ya.example'],
    ['url', 'http://*.bad.example:8080/*', 'http://*.bad.example:8080/*'],
    ['domain', '_dmarc.bad-name.example', '_dmarc.bad-name.example'],
    ['file_sha1', '601f1889667efaebb33b8c12572835da3f027f78', '601F1889667EFAEBB33B8C12572835DA3F027F78'],
  ])('%s: %j is stored as %j', (type, content, stored) => {
    expect(parseName(type, content)).toEqual({ type: type.toLowerCase(), content: stored });
  });

  const refused: [string, string, string][] = [
    ['ip', '', 'content is empty; it must name what is suspicious.'],
    [
      'ip',
      '203.0.113.256',
      'content is not an IP address: "203.0.113.256". Write 203.0.113.7, 2001:db8::7 or 203.0.113.0/24.',
    ],
    ['ip', '203.0.113.0/33', 'content is not an IP address: "203.0.113.0/33".'],
    ['ip', '203.0.113.0/', 'content is not an IP address: "203.0.113.0/".'],
    ['ip', '203.0.113.0/8/8', 'content is not an IP address'],
    ['ip', '2001:db8::/129', 'content is not an IP address'],
    ['ip', 'fe80::1%eth0', 'content is not an IP address'],
    ['url', 'ftp://bad.example', 'content is not a URL: it must start with http:// or https:// and hold no spaces.'],
    ['url', 'http://', 'content is not a URL'],
    ['url', 'http://bad example', 'content is not a URL'],
    [
      'url',
      'http://evil%zz.example/',
      'content is not a URL: no program could open it, so nothing would ever match. Check host and port.',
    ],
    ['url', 'http://evil.example:99999/', 'content is not a URL: no program could open it'],
    ['domain', 'mün chen.example', 'content is not a domain'],
    ['url', `https://${'x'.repeat(2040)}`, 'content has 2048 characters; at most 2047 are allowed.'],
    ['domain', 'localhost', 'content is not a domain: "localhost". Write it like bad.example.com.'],
    ['domain', '203.0.113.7', 'content is not a domain'],
    ['domain', '-bad.example', 'content is not a domain'],
    ['domain', `${'a'.repeat(64)}.example`, 'content is not a domain'],
    ['domain', `${'a.'.repeat(130)}example`, 'content is not a domain'],
    ['file_sha1', '601F', 'content is not a SHA-1: it has 4 characters, and must be 40 hexadecimal digits.'],
    ['file_sha1', 'g'.repeat(40), 'content is not a SHA-1'],
    ['file_sha256', 'x', 'type is "file_sha256"; it must be one of ip, url, domain, file_sha1, file.'],
  ];
  it.each(refused)('%s: %j is refused', (type, content, message) => {
    expect(() => parseName(type, content)).toThrow(message);
    expect(() => parseName(type, content)).toThrow(expect.objectContaining({ reason: 'parameter-invalid' }));
  });
});

it.each([
  ['203.0.113.7/24', '203.0.113.0/24'],
  [' ::ffff:1.2.3.4 ', '1.2.3.4'],
  ['203.0.113.', '203.0.113.'],
  ['203.0.113.0/99', '203.0.113.0/99'],
  ['bad.example', 'bad.example'],
])('%j is looked for as %j', (text, sought) => {
  expect(searchText(text)).toBe(sought);
});

describe('a scan action', () => {
  it.each(['log', 'LOG', 'Log', ' log '])('written %j is log', (text) => {
    expect(parseAction(text, 'scan_action', 'ip')).toBe('log');
  });

  it('quarantine is for files only, because nothing else can be moved', () => {
    expect(parseAction('QUARANTINE', 'file_scan_action', 'file')).toBe('quarantine');
    expect(parseAction('quarantine', 'scan_action', 'file_sha1')).toBe('quarantine');
    expect(() => parseAction('quarantine', 'scan_action', 'url')).toThrow(
      'scan_action is "quarantine"; for type url it must be one of log, block.',
    );
  });

  it('that is none is refused under the name of its parameter', () => {
    expect(() => parseAction('delete', 'file_scan_action', 'file')).toThrow(
      'file_scan_action is "delete"; for type file it must be one of log, block, quarantine.',
    );
  });
});

describe('notes', () => {
  it('that are null or absent are none', () => {
    expect(parseNotes(null, 'note')).toBe('');
    expect(parseNotes(undefined, 'note')).toBe('');
  });

  it('are counted in characters as people see them', () => {
    expect(parseNotes('🔒'.repeat(256), 'notes')).toBe('🔒'.repeat(256));
    expect(() => parseNotes('🔒'.repeat(257), 'notes')).toThrow('notes has 257 characters; at most 256 are kept.');
  });
});

it('an object is parsed whole', () => {
  const param = { type: 'ip', content: '203.0.113.7', scan_action: 'BLOCK', notes: 'n' };
  expect(parseObject({ ...param, expiration_utc_date: '2027-01-25T09:30Z' }, now)).toEqual({
    type: 'ip',
    content: '203.0.113.7',
    notes: 'n',
    scanAction: 'block',
    expiresAt: Date.UTC(2027, 0, 25, 9, 30),
  });
});
