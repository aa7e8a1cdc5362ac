/** The command line against a real server with a simulated endpoint: safe isolation, end to end. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../harness/eventually.ts';
import type { Harness, Ran, Served } from './harness.ts';
import { RealServer } from './real-server.ts';

let real: RealServer;
let harness: Harness<Served>;

beforeEach(async () => {
  real = await RealServer.start();
  ({ harness } = real);
});

afterEach(() => real.stop());

/** Until the server knows that the endpoint is offline. */
async function stopped(name: string): Promise<void> {
  await real.switchOffEndpoints();
  await eventually(`${name} is offline`, async () => {
    const { out } = await cordon(`agents list ${name} --json`);
    return JSON.parse(out)[0]?.connection === 'Offline' ? true : undefined;
  });
}

/** A command that must succeed. */
async function cordon(line: string): Promise<Ran> {
  const ran = await harness.run(line);
  expect({ line, ...ran }).toMatchObject({ code: 0, err: '' });
  return ran;
}

/** A second person who may approve, under a connection of that name. */
async function colleague(user: string): Promise<void> {
  const { password } = JSON.parse((await cordon(`accounts add ${user} --role Operator --json`)).out);
  const chosen = 'correct horse battery';
  const { url, fingerprint } = harness.stub;
  const options = `--url ${url} --fingerprint ${fingerprint} --admin ${user} --connection ${user}`;
  await harness.run(`login ${options} --password-stdin`, { stdin: password });
  await harness.run(`password --connection ${user} --password-stdin`, { stdin: `${password}\n${chosen}\n` });
  await real.signIn();
}

async function becomes(name: string, isolation: string): Promise<void> {
  await eventually(`${name} is ${isolation}`, async () => {
    const { out } = await cordon(`agents list ${name} --json`);
    return JSON.parse(out)[0]?.isolation === isolation ? true : undefined;
  });
}

describe('an isolation with terms', () => {
  it('shows its deadline, profile, message and receipt, and none of them after it was released', async () => {
    await real.endpoint('client01');
    await cordon('profiles put lab --allow "in tcp 192.0.2.0/24 22" --allow "out udp 2001:DB8::/32 *" --dhcp');
    expect((await cordon('profiles list')).out).toMatch(
      /lab {3}in tcp 192\.0\.2\.0\/24 22 .*\n.*out udp 2001:db8::\/32 \*/,
    );
    const line = 'agents isolate client01 --for 4h --profile lab --message "Call the service team." --reason "case 12"';
    expect((await cordon(`${line} --wait`)).out).toMatch(/\n1 agent isolated after 0\.0 s\.\n$/);
    const { out } = await cordon('agents show client01');
    expect(out).toMatch(/^Ends {8}.* UTC, in (4 h|3 h 59 min)$/m);
    expect(out).toMatch(/^Profile {5}lab$/m);
    expect(out).toMatch(/^Message {5}Call the service team\.$/m);
    expect(out).toMatch(/^Ruleset {5}SHA-256 [0-9a-f]{64}$/m);
    expect(out).toMatch(/^Enforced {4}simulated: \d+ chains?, \d+ rules?$/m);
    expect((await cordon('audit --json --limit 20')).out).toContain('case 12');
    await cordon('agents release client01 --wait');
    expect((await cordon('agents show client01')).out).not.toMatch(/^Ends|^Message/m);
  });

  it('under a profile that there is not is refused, and nothing is done', async () => {
    await real.endpoint('client01');
    const { code, err } = await harness.run('agents isolate client01 --profile nothing');
    expect({ code, err }).toEqual({ code: 4, err: expect.stringContaining('There is no profile "nothing"') });
    expect(JSON.parse((await cordon('agents list client01 --json')).out)).toMatchObject([{ isolation: 'normal' }]);
  });
});

describe('several agents on one command line', () => {
  it('are isolated and released with one request each', async () => {
    await real.endpoint('client01');
    await real.endpoint('client02');
    expect((await cordon('agents isolate client01 client02 --dry-run')).out).toContain('Would isolate 2 agents:\n');
    const { out } = await cordon('agents isolate client01 client02 --reason "case 13" --wait');
    expect(out).toMatch(/^Isolating 2 agents:\n[^]*\n2 agents isolated after \d\.\d+ s\.\n$/);
    const { lines }: { lines: { act: string; target: string }[] } = JSON.parse(
      (await cordon('audit --json --limit 20')).out,
    );
    const isolations = lines.filter((line) => line.act === 'isolate');
    expect(isolations).toMatchObject([{ target: expect.stringMatching(/client01.*client02/) }]);
    await cordon('agents restore client01 client02 --wait');
    await becomes('client02', 'normal');
  });

  it('with an option as well, or with a name that there is not, are refused, and nothing is done', async () => {
    await real.endpoint('client01');
    const both = await harness.run('agents isolate client01 client02 --ip 192.0.2.1');
    expect(both).toMatchObject({ code: 2, err: expect.stringContaining('Give names or options, not both.') });
    const unknown = await harness.run('agents isolate client01 client09');
    expect(unknown).toMatchObject({ err: expect.stringContaining('No agent with host name "client09".') });
    expect(JSON.parse((await cordon('agents list client01 --json')).out)).toMatchObject([{ isolation: 'normal' }]);
  });
});

describe('a protected agent', () => {
  it('isolated by an application waits until a person approves', async () => {
    await real.endpoint('dc01');
    await cordon('agents protect dc01');
    expect((await cordon('agents show dc01')).out).toMatch(/^Protected {3}yes/m);
    const preview = await cordon('agents isolate dc01 --dry-run');
    expect(preview.out).toContain('Approval would be required:\n  dc01 is protected');
    const held = await harness.run('agents isolate dc01');
    expect(held.code).toBe(4);
    const id = /"cordon approvals approve (\d+)"/.exec(held.err)?.[1] ?? '';
    expect((await cordon('approvals list')).out).toMatch(new RegExp(`^${id} +pending +isolate +dc01 `, 'm'));
    const maker = await harness.run(`approvals approve ${id}`);
    expect([maker.code, maker.err]).toEqual([4, expect.stringContaining('You created the requesting application')]);
    await colleague('ada');
    expect((await cordon(`approvals approve ${id} --connection ada`)).out).toContain('Requested for 1 agent:');
    await becomes('dc01', 'isolated');
    expect((await cordon('approvals list')).out).toMatch(/^No actions await approval\./);
    expect(await harness.run(`approvals approve ${id}`)).toMatchObject({ code: 4 });
  });

  it('isolated by a person waits for another one, and can be rejected', async () => {
    await real.endpoint('dc01');
    await cordon('agents protect dc01');
    const held = await harness.run('agents isolate dc01 --for 1h --json');
    expect(held.code).toBe(7);
    const { approval, guard } = JSON.parse(held.out);
    expect(guard).toMatchObject([{ rule: 'protected' }]);
    const same = await harness.run(`approvals approve ${approval}`);
    expect(same).toMatchObject({ code: 4 });
    expect(same.err).toContain('another person must');
    await cordon(`approvals reject ${approval}`);
    expect((await cordon('approvals list --all')).out).toContain('rejected by');
    await cordon('agents unprotect dc01');
    expect(await harness.run('agents isolate dc01 --for 1h --wait')).toMatchObject({ code: 0, err: '' });
  });
});

describe('a budget', () => {
  it('is set, and holds the act that would go over it', async () => {
    await Promise.all([real.endpoint('client01'), real.endpoint('client02')]);
    await cordon('guard set --per-person 1');
    const several = '--product SLF_PRODUCT_OFFICESCAN_CE --multiple';
    expect(await harness.run(`agents isolate ${several} --for 1h`)).toMatchObject({ code: 7 });
    expect((await cordon(`agents isolate ${several} --dry-run`)).out).toContain(
      'the limit for one person is 1 per hour',
    );
    await cordon('guard set --off');
    expect((await cordon('guard show')).out).toMatch(/^Guard +off/);
    expect((await cordon(`agents isolate ${several} --for 1h --wait`)).out).toContain('2 agents isolated');
  });
});

describe('an agent', () => {
  it('has a break-glass code while it is isolated, and is forgotten when it is not wanted any more', async () => {
    await real.endpoint('client01');
    expect(await harness.run('agents break-glass client01')).toMatchObject({ code: 4 });
    await cordon('agents isolate client01 --wait');
    const { out } = await cordon('agents break-glass client01');
    expect(out).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}\n/);
    expect((await cordon('audit')).out).toContain('show-break-glass');
    const [command = ''] = /(?<=cordon-agent )release --code .+/.exec(out) ?? [];
    expect(await real.agent('client01', ...command.split(' ')).exited).toBe(0);
    await becomes('client01', 'normal');
    // A connected agent would leave its rules behind.
    expect(await harness.run('agents forget client01 --yes')).toMatchObject({
      code: 4,
      err: expect.stringContaining('client01 is connected. Uninstall it instead'),
    });
    await stopped('client01');
    await cordon('agents forget client01 --yes');
    expect(await harness.run('agents show client01')).toMatchObject({ code: 3 });
  });
});

describe('a suspicious object', () => {
  it('that is not there is not removed', async () => {
    await cordon('objects add ip 203.0.113.9 --action block');
    expect((await cordon('objects remove ip 203.0.113.9')).out).toBe('Removed ip 203.0.113.9.\n');
    expect(await harness.run('objects remove ip 203.0.113.9')).toMatchObject({ code: 3 });
  });

  it('is printed as it is in the list, whatever its spelling was', async () => {
    expect((await cordon('objects add ip ::ffff:203.0.113.7/120 --action block')).out).toBe(
      'Added ip 203.0.113.0/24: block.\n',
    );
    expect((await cordon('objects add domain *.Bad.example. --action log')).out).toBe(
      'Added domain *.bad.example: log.\n',
    );
    expect(JSON.parse((await cordon('objects list --type ip --json')).out)).toMatchObject([
      { content: '203.0.113.0/24' },
    ]);
    await cordon('objects remove ip 203.0.113.99/24');
  });

  it('that listing safety asks about is added with --confirm, not by repeating it', async () => {
    const asked = await harness.run('objects add ip 10.1.2.3 --action block');
    expect(asked).toMatchObject({ code: 4, err: expect.stringContaining('Add --confirm to list it anyway') });
    await cordon('objects add ip 10.1.2.3 --action block --confirm');
    await writeFile(join(real.data, 'tool'), 'a tool');
    expect((await cordon('objects add-file tool --action block --note mine --confirm')).out).toBe(
      'Added tool with SHA-1 226A7F3A350819133972F2DAC2FF92224CA33B28: block.\n',
    );
    const [file] = JSON.parse((await cordon('objects list --type file --json')).out);
    expect(file).toMatchObject({ action: 'block', notes: 'mine' });
    await cordon(`objects add file_sha1 ${file.content} --action block --confirm`);
    const { out } = await cordon(`objects undo file ${file.content} --yes`);
    expect(out).toContain(`Still listed: file_sha1 ${file.content} (block).`);
    expect(out).toContain('Removed;');
  });

  it('and a list of detections that is narrowed by a slip of the pen are no empty list', async () => {
    expect(await harness.run('detections list --action nonsense')).toMatchObject({
      code: 2,
      err: expect.stringContaining('logged, blocked, quarantined, restored, held-back, failed, late'),
    });
    expect(await harness.run('detections list --group nowhere')).toMatchObject({
      code: 3,
      err: expect.stringContaining('There is no group "nowhere"'),
    });
    expect(await harness.run('quarantine list --state lost')).toMatchObject({ code: 2 });
  });
});

describe('the audit', () => {
  it('holds until somebody changes its database, and then the line is named', async () => {
    await cordon('apps add playbooks');
    await cordon('audit verify');
    await cordon('apps add others');
    expect((await cordon('audit verify --json')).out).toContain('"pinned": "before"');
    expect((await cordon('audit export --format cef')).out).toMatch(/^CEF:0\|Cordon\|Cordon\|0\.1\.0\|/);
    await restartedAfter("update audit set detail = detail || '!' where id = 2");
    const { code, err } = await harness.run('audit verify');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('Line 2 does not fit its hash') });
  });

  it('does not lose its end unnoticed', async () => {
    await cordon('apps add playbooks');
    await cordon('audit verify');
    await restartedAfter(
      'delete from audit where id > 2; delete from audit_checkpoints where id > 2; ' +
        'update audit_head set id = 2, hash = (select hash from audit where id = 2)',
    );
    const { code, err } = await harness.run('audit verify');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('was verified before') });
  });
});

/** What somebody with access to the database could do. */
async function restartedAfter(statements: string): Promise<void> {
  await real.restartAfter(() => {
    const file = new DatabaseSync(join(real.data, 'cordon.sqlite'));
    file.exec(statements);
    file.close();
  });
}
