/** Help with the command itself: doctor, explain, completion, the manual, watching. */
// oxlint-disable vitest/expect-expect -- expectGolden() holds the expectation of some tests here
import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectGolden } from '../../../test/cli/golden.ts';
import { Harness } from '../../../test/cli/harness.ts';
import { isAvailable } from '../../../test/harness/availability.ts';
import { reasons } from '@cordon/protocol/words';
import { catalogue, everyGroup } from './catalogue.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start();
});
afterEach(async () => {
  await harness.stop();
});

describe('explain', () => {
  it('says what a code means, and what to do about it', async () => {
    await expectGolden(harness, 'explain', [
      'explain -103',
      'explain 17',
      'explain token-expired',
      'explain 1',
      'explain 4711',
    ]);
  });

  it.each(Object.keys(reasons))('knows %s by its name and by both of its codes', async (reason) => {
    const codes = Object.entries(reasons).find(([name]) => name === reason)?.[1];
    for (const code of [reason, String(codes?.resultCode), String(codes?.errorCode)]) {
      const { out } = await harness.run(`explain ${code} --json`);
      expect(JSON.parse(out)).toContainEqual(expect.objectContaining({ reason }));
    }
  });
});

describe('doctor', () => {
  it('passes every check of a good connection', async () => {
    await harness.login();
    await expectGolden(harness, 'doctor-good', ['doctor']);
  });

  it('names what is wrong first, and what to do: file, clock, key, server', async () => {
    await harness.login();
    await chmod(harness.profilesPath, 0o644);
    const { out } = await harness.run('doctor');
    expect(out).toContain('has mode 644: other users can read it.');
    await chmod(harness.profilesPath, 0o600);
    const late = await harness.run('doctor', { ahead: -300_000 });
    expect(late.code).toBe(1);
    expect(late.out).toMatch(/BROKEN {3}clock {3}The clock of this computer is \d+ s behind that of the server\./);
    expect(late.out).toContain('The server refused: ');
    const wrong = await harness.run('doctor', { env: { CORDON_API_KEY: 'wrong' } });
    expect(wrong.out).toMatch(/BROKEN {3}key .*signature is not valid[^]*Check the API key/);
    const other = await harness.run('doctor', { env: { CORDON_FINGERPRINT: '0'.repeat(64) } });
    expect(other.out).toMatch(/ok {7}server .*answers\.\nBROKEN {3}tls .*another certificate than the pinned one/);
    expect(other.out).toContain('cordon login --fingerprint');
    expect(other.out).not.toContain('clock');
    const stranger = await harness.run('doctor', { env: strangerTo(harness) });
    expect(stranger.out).toMatch(/BROKEN {3}tls .*No trusted authority signed[^]*"cordon login" with --fingerprint/);
  });

  it('calls clocks odd that the server still accepts', async () => {
    await harness.login();
    const { code, out } = await harness.run('doctor', { ahead: 15_000 });
    expect(out).toMatch(/look {5}clock {3}The clock of this computer is \d+ s ahead of that of the server\./);
    expect({ code, key: /ok +key/.test(out) }).toEqual({ code: 0, key: true });
  });

  it('never shows the key', async () => {
    await harness.login();
    expect((await harness.run('doctor --json')).out).not.toContain(harness.stub.apiKey);
  });
});

describe('completion', () => {
  it('offers groups, commands, options and files in a real bash', async () => {
    const groups = catalogue.map(({ name }) => name).filter((name) => name.startsWith('a'));
    expect(await offered('a')).toEqual(groups);
    expect(await offered('agents', 'is')).toEqual(['isolate']);
    expect(await offered('agents', 'isolate', '--mu')).toEqual(['--multiple']);
    expect(await offered('objects', 'add', 'ip', '203.0.113.9', '--action', 'b')).toEqual(['block']);
    expect(await offered('detections', 'list', '--action', 'held')).toEqual(['held-back']);
    expect(await offered('accounts', 'add', 'ada', '--role', 'Op')).toEqual(['Operator']);
    expect(await offered('objects', 'check', 'file')).toEqual(['file_sha1', 'file']);
    expect(await offered('completion', 'f')).toEqual(['fish']);
    expect(await offered('explain', 'token-exp')).toEqual(['token-expired']);
    await writeFile(join(harness.folder, 'sample.bin'), '');
    expect(await offered('agents', 'list', 'samp')).toEqual([]);
    expect(await offered('login', '--from', 'samp')).toEqual(['sample.bin']);
    expect(await offered('objects', 'add-file', 'samp')).toEqual(['sample.bin']);
  });

  it.each(
    [['zsh', ['-n']] as const, ['fish', ['--no-execute']] as const].filter(([shell]) =>
      isAvailable(isThere(shell), `completion of ${shell}, which is not installed (Debian: apt-get install ${shell})`),
    ),
  )('is a script that %s understands, and names every group', async (shell, check) => {
    const { out } = await harness.run(`completion ${shell}`);
    const script = join(harness.folder, `completion.${shell}`);
    await writeFile(script, out);
    execFileSync(shell, [...check, script]);
    for (const { name } of catalogue) expect(out).toContain(name);
  });

  it('of another shell is refused', async () => {
    expect(await harness.run('completion csh')).toMatchObject({ code: 2 });
  });
});

describe('the manual', () => {
  it.runIf(
    isAvailable(isThere('groff'), 'the manual page; groff is not installed (Debian: apt-get install groff-base)'),
  )('is a page that roff sets without a warning, with every command on it', async () => {
    const { out } = await harness.run('manual');
    const input = { input: out, encoding: 'utf8' } as const;
    const { stdout, stderr } = spawnSync('groff', ['-man', '-ww', '-Tutf8', '-P-cbou'], input);
    expect(stderr).toBe('');
    const text = stdout.replaceAll(/\s+/g, ' ').replaceAll('‐ ', '');
    for (const { name } of catalogue) expect(text).toContain(`cordon ${name}`);
  });
});

describe('the README', () => {
  it('lists every command, and no other', async () => {
    const page = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const rows = page.match(/^\| `.*$/gm)?.filter((row) => !/^\| `(--|CORDON_)/.test(row)) ?? [];
    const names = (await everyGroup()).flatMap(({ commands }) => commands.map(({ name }) => name));
    expect(rows.flatMap(commandsIn).sort()).toEqual(names.sort());
  });
});

describe('watching', () => {
  it('prints what has changed, survives a server that is away, and ends well with Ctrl-C', async () => {
    await harness.login();
    const stop = new AbortController();
    let looks = 0;
    const { code, out } = await harness.run('agents list client01 --watch', {
      signal: stop.signal,
      onOut: () => {
        looks += 1;
        const [agent] = harness.stub.agents;
        if (looks === 1 && agent !== undefined) agent.isolation_status = 'isolated';
        if (looks === 1) harness.stub.answers.push({ status: 200, body: 'no API' });
        else stop.abort();
      },
    });
    expect(code).toBe(0);
    expect(out.match(/HOST NAME/g)).toHaveLength(2);
    expect(out).toMatch(/normal[^]*isolated/);
  });
});

/** `| `groups list`, `set` | …` names "groups list" and "groups set". */
function commandsIn(row: string): string[] {
  const listed = [...(row.split(' | ')[0] ?? '').matchAll(/`([^`<]*[^`< ])[^`]*`/g)].map(([, name = '']) => name);
  const [group = '', word] = listed[0]?.split(' ') ?? [];
  return listed.map((name) => (word === undefined || name.includes(' ') ? name : `${group} ${name}`));
}

/** A connection from the environment alone, with Node's own trust. */
function strangerTo({ stub, folder }: Harness): Record<string, string> {
  const { url, applicationId, apiKey } = stub;
  const none = join(folder, 'none');
  return { CORDON_URL: url, CORDON_APPLICATION_ID: applicationId, CORDON_API_KEY: apiKey, XDG_CONFIG_HOME: none };
}

/** What bash completes after these words. */
async function offered(...words: string[]): Promise<string[]> {
  const { out } = await harness.run('completion bash');
  const script = join(harness.folder, 'completion.bash');
  const ask = `COMP_WORDS=(cordon ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _cordon`;
  await writeFile(script, `${out}\n${ask}\nprintf '%s\\n' "\${COMPREPLY[@]}"\n`);
  const printed = execFileSync('bash', ['--norc', script], { cwd: harness.folder, encoding: 'utf8' });
  return printed.split('\n').filter((word) => word !== '');
}

/** Whether the program is installed. */
function isThere(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}
