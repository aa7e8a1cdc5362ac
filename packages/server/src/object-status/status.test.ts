/** An agent's status for an object, as a table. */
import { describe, expect, it } from 'vitest';
import type { ObjectSettings, ObjectEnforcementStatus } from '@cordon/protocol/channel';
import { toJson } from '../database/json.ts';
import { statusOf, statusWithin } from './status.ts';
import type { AgentObjectState } from './status.ts';

const on = { state: 'on', message: null } as const;
const off = { state: 'off', message: null } as const;
const reported: ObjectEnforcementStatus = { onAccess: on, sweep: on, network: on, names: on };
const settings: ObjectSettings = {
  group: 'servers',
  onAccess: 'enforce',
  sweep: 'enforce',
  network: 'enforce',
  execAtDeadline: 'allow',
  sweepMegabytesPerSecond: 0,
};
type Asked = Parameters<typeof statusOf>[0];

function status(
  object: Partial<Asked>,
  agent: Partial<Omit<AgentObjectState, 'settings'>> & { settings?: Partial<ObjectSettings> } = {},
): [string, string | null] {
  const asked: Asked = {
    type: 'file',
    content: 'A'.repeat(40),
    scan_action: 'block',
    revision: 7,
    enforce_in: null,
    ...object,
  };
  const mine = { revision: 7, reported, ...agent, settings: { ...settings, ...agent.settings } };
  const { status: word, message } = statusOf(asked, mine);
  return [word, message];
}

describe('an agent', () => {
  it('that is behind the list is waited for', () => {
    expect(status({}, { revision: 6 })).toEqual(['pending', null]);
  });

  it('of an older version does nothing', () => {
    expect(status({}, { reported: null })[0]).toBe('not-enforced');
  });

  it('enforces what its group and the list say', () => {
    expect(status({})).toEqual(['enforced', null]);
    expect(status({ type: 'ip' })).toEqual(['enforced', null]);
    expect(status({ enforce_in: toJson(['servers']) })).toEqual(['enforced', null]);
  });

  it('only logs where the list or its group says so', () => {
    expect(status({ scan_action: 'log' })).toEqual(['logged', null]);
    const logging = { onAccess: 'log', sweep: 'log' } as const;
    expect(status({}, { settings: logging })).toEqual(['logged', 'The group "servers" only logs.']);
    expect(status({ enforce_in: toJson(['canaries']) })).toEqual(['logged', 'It is enforced only in canaries.']);
    expect(status({ enforce_in: toJson([]) })).toEqual(['logged', 'Its canary was halted.']);
  });

  it('with everything switched off does nothing, and says whose word that is', () => {
    const none = { onAccess: 'off', sweep: 'off', network: 'off' } as const;
    const why = 'is disabled for the group "servers".';
    expect(status({}, { settings: none })).toEqual(['not-enforced', `On-access scanning ${why}`]);
    expect(status({ type: 'ip' }, { settings: none })).toEqual(['not-enforced', `Address blocking ${why}`]);
  });

  it('that is unable says why', () => {
    const unable = { state: 'unable', message: 'The kernel has no fanotify.' } as const;
    const cannot = { ...reported, onAccess: unable, sweep: off };
    expect(status({}, { reported: cannot, settings: { sweep: 'off' } })).toEqual(['not-enforced', unable.message]);
  });

  it('that only sweeps quarantines late, and blocks nothing', () => {
    const sweeping = { settings: { onAccess: 'off' } } as const;
    const late = 'Only disk scans detect it: On-access scanning is disabled for the group "servers".';
    expect(status({ scan_action: 'quarantine' }, sweeping)).toEqual(['enforced', late]);
    expect(status({}, sweeping)).toEqual(['logged', late]);
  });

  it('that is starting is waited for', () => {
    expect(
      status({ type: 'ip' }, { reported: { ...reported, network: { state: 'starting', message: null } } }),
    ).toEqual(['pending', null]);
  });

  it('that exempts an address says so for that address and for a network around it', () => {
    const exempt: ObjectEnforcementStatus['exempt'] = {
      objects: [
        { content: '10.0.0.2', whole: true, what: '10.0.0.2 (a server)' },
        { content: '10.0.0.0/8', whole: false, what: '10.0.0.2 (a server)' },
      ],
      more: 0,
    };
    const exempting = { reported: { ...reported, exempt } };
    expect(status({ type: 'ip', content: '10.0.0.2' }, exempting)).toEqual([
      'not-enforced',
      'This agent exempts it: 10.0.0.2 (a server).',
    ]);
    expect(status({ type: 'ip', content: '10.0.0.0/8' }, exempting)).toEqual([
      'enforced',
      'This agent exempts part of it: 10.0.0.2 (a server).',
    ]);
    expect(status({ type: 'ip', content: '10.0.0.3' }, exempting)).toEqual(['enforced', null]);
    const unnamed = { reported: { ...reported, exempt: { ...exempt, more: 2 } } };
    expect(status({ type: 'ip', content: '10.0.0.3' }, unnamed)[1]).toContain('2 more entries');
  });

  it('blocks a log-only address within a blocked network', () => {
    const logged = { status: 'logged', message: null } as const;
    const [content, message] = ['10.0.0.0/8', null];
    expect(statusWithin(logged, { content, status: { status: 'enforced', message } })).toEqual({
      status: 'enforced',
      message: 'It is within 10.0.0.0/8, which is blocked. Detections name 10.0.0.0/8.',
    });
    expect(statusWithin(logged, { content, status: { status: 'pending', message } })).toEqual(logged);
    expect(statusWithin(logged, undefined)).toEqual(logged);
    const exempt = { status: 'not-enforced', message: 'This agent exempts it.' } as const;
    expect(statusWithin(exempt, { content, status: { status: 'enforced', message } })).toEqual(exempt);
  });

  it('never enforces a URL or a domain, and says so', () => {
    expect(status({ type: 'url' })[1]).toContain('do not enforce URLs');
    expect(status({ type: 'domain' })).toEqual([
      'not-enforced',
      'This agent does not enforce domains. It logs plain DNS queries for this one.',
    ]);
    expect(status({ type: 'domain' }, { reported: { ...reported, names: off } })).toEqual([
      'not-enforced',
      'This agent does not enforce domains.',
    ]);
    expect(status({ type: 'domain', scan_action: 'log' })).toEqual(['logged', null]);
  });
});
