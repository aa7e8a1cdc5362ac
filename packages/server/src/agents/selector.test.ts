/** The wire's spellings of an agent, in the one form of the tables. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipForm, macForm, selectorOfAct, selectorOfPerson, selectorOfQuery, selectorOfQueryV2 } from './selector.ts';

const act = { act: 'cmd_isolate_agent', allow_multiple_match: true };

describe('a MAC address', () => {
  it.each(['00-0C-29-9B-AB-65', '00:0c:29:9b:ab:65', '000C.299B.AB65', '000c299bab65', '00 0c 29 9b ab 65'])(
    'written %s is one and the same',
    (text) => {
      expect(macForm(text)).toBe('00-0C-29-9B-AB-65');
    },
  );

  it('of too few or foreign digits stays what it is, and so matches nothing', () => {
    expect(macForm('00-0c-29')).toBe('00-0C-29');
    expect(macForm('00-0c-29-9b-ab-6g')).toBe('00-0C-29-9B-AB-6G');
  });

  it('in its stored form is left as it is', () => {
    const hex = fc.uint8Array({ minLength: 6, maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString('hex'));
    fc.assert(
      fc.property(hex, (digits) => {
        expect(macForm(macForm(digits))).toBe(macForm(digits));
      }),
    );
  });
});

describe('an IP address', () => {
  it.each([
    ['2001:0DB8:0000:0000:0000:0000:0000:0007', '2001:db8::7'],
    ['2001:db8:0:0::7', '2001:db8::7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::FFFF:192.0.2.1', '::ffff:c000:201'],
    ['192.0.2.1', '192.0.2.1'],
  ])('written %s is looked for as %s', (text, form) => {
    expect(ipForm(text)).toBe(form);
  });

  it('of version 6 has one form however it is spelt', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        expect(ipForm(text.toUpperCase())).toBe(ipForm(text));
        expect(ipForm(ipForm(text))).toBe(ipForm(text));
      }),
    );
  });
});

describe('a selector', () => {
  it('takes empty, blank and null parts for absent', () => {
    const selector = selectorOfAct({
      ...act,
      host_name: 'PC01',
      entity_id: '',
      ip_address: null,
      mac_address: '  ',
      product: '',
    });
    expect(selector).toEqual({ hostName: 'pc01' });
  });

  it('forgets letter case where names have none', () => {
    const query = { entity_id: 'ABC', host_name: 'Pc01', managing_server_id: 'def', mac_address: 'aabbccddeeff' };
    expect(selectorOfQuery(query)).toEqual({
      entityId: 'abc',
      hostName: 'pc01',
      serverId: 'DEF',
      mac: 'AA-BB-CC-DD-EE-FF',
    });
  });

  it('of a query may be empty, which is everybody', () => {
    expect(selectorOfQuery({})).toEqual({});
    expect(selectorOfQueryV2({ hostName: '' })).toEqual({});
  });

  it('of version 2 says the same in camel case', () => {
    expect(selectorOfQueryV2({ entityID: 'A', ipAddress: '::1', macAddress: '0', hostName: 'B' })).toEqual({
      entityId: 'a',
      ip: '::1',
      mac: '0',
      hostName: 'b',
    });
  });

  it('of an act that names nobody is refused, because leaving it out must not mean everybody', () => {
    expect(() => selectorOfAct({ ...act, host_name: ' ', product: null })).toThrow(
      expect.objectContaining({
        reason: 'parameter-invalid',
        message:
          'The request names no agent. Give at least one of entity_id, host_name, ip_address, mac_address and product.',
      }),
    );
  });
});

describe('the selector of a person', () => {
  it('names many endpoints, a folder, a group or a search', () => {
    expect(selectorOfPerson({ entityIds: ['A-1', 'a-1', 'b-2'] })).toEqual({ entityIds: ['a-1', 'b-2'] });
    expect(selectorOfPerson({ folder: '\\\\Workgroup/Paris\\', group: 'servers', search: ' PC  Lab ' })).toEqual({
      folder: 'Workgroup\\Paris',
      group: 'servers',
      words: ['pc', 'lab'],
    });
  });

  it.each([
    { folder: '\\' },
    { folder: ' ' },
    { group: ' ' },
    { search: ' ' },
    { entityId: ' ' },
    { entityIds: ['a-1', ' '] },
    { hostName: ' ' },
    { ipAddress: ' ' },
    { macAddress: ' ' },
    { product: ' ' },
  ])('that gives an empty field beside another is refused: %o', (field) => {
    expect(() => selectorOfPerson({ hostName: 'pc1', folder: 'Workgroup', ...field })).toThrow(/is empty/);
  });

  it('searches for each word once, and for sixteen words at most', () => {
    expect(selectorOfPerson({ search: 'pc PC lab pc' })).toEqual({ words: ['pc', 'lab'] });
    const many = Array.from({ length: 17 }, (_, at) => `w${at}`).join(' ');
    expect(() => selectorOfPerson({ search: many })).toThrow(/17 different words; at most 16/);
  });

  it('that names nothing is refused', () => {
    expect(() => selectorOfPerson({})).toThrow(/names no agent/);
  });
});
