/** The protected files: a tree of a Debian kind, one of an RPM kind, and the machine that runs the test. */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAvailable } from '../../../../../test/harness/availability.ts';
import { interpreterOf } from './always.ts';
import { placeOf } from '../../fs/file-keys.ts';
import type { Place } from '../../fs/file-keys.ts';
import { filesOf } from './rpm.ts';
import { buildProtectedFiles, ProtectedFileIndex, protectedFilesVersion } from './protected-files.ts';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cordon-protected-')));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function place(path: string, content = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function built(): ProtectedFileIndex {
  return new ProtectedFileIndex(buildProtectedFiles({ root, state: join(root, 'state') }));
}

function seen(protectedFiles: ProtectedFileIndex, path: string): [string | undefined, string | null] {
  const file = match(join(root, path));
  return [protectedFiles.kindOf(file), protectedFiles.packageOf(file)];
}

/** A file that is matched there now. */
function match(path: string): Place {
  const { dev, ino } = lstatSync(path);
  return placeOf(Buffer.from(path), { device: dev, inode: ino });
}

describe('dpkg', () => {
  beforeEach(() => {
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    symlinkSync('usr/bin', join(root, 'bin'));
    place(
      'var/lib/dpkg/info/coreutils.list',
      '/.\n/bin\n/bin/ls\n/usr\n/usr/share\n/usr/share/doc\n/usr/share/doc/ls\n',
    );
    place('var/lib/dpkg/info/libc6:amd64.list', '/usr/lib/libc.so.6\n');
    place('var/lib/dpkg/info/other.list', '/usr/bin/tool\n');
    place('var/lib/dpkg/info/diverter.list', '/usr/bin/tool\n');
    place('var/lib/dpkg/info/not-a-list.md5sums', '/etc/passwd\n');
    place('var/lib/dpkg/diversions', '/usr/bin/tool\n/usr/bin/tool.real\ndiverter\n');
    for (const path of ['bin/ls', 'bin/malware', 'bin/tool', 'bin/tool.real', 'share/doc/ls', 'lib/libc.so.6'])
      place(join('usr', path), path);
    place('etc/passwd');
  });

  test('owns files under their real names, not folders, and not what it does not list', () => {
    const protectedFiles = built();
    expect(seen(protectedFiles, 'usr/bin/ls')).toEqual(['package', 'dpkg:coreutils']);
    expect(seen(protectedFiles, 'usr/share/doc/ls')).toEqual(['package', 'dpkg:coreutils']);
    expect(seen(protectedFiles, 'usr/lib/libc.so.6')).toEqual(['package', 'dpkg:libc6']);
    expect(seen(protectedFiles, 'usr/share')).toEqual([undefined, null]);
    expect(seen(protectedFiles, 'usr/bin/malware')).toEqual([undefined, null]);
    expect(seen(protectedFiles, 'etc/passwd')).toEqual([undefined, null]);
  });

  test('is asked about diversions: each package owns the file that is really its own', () => {
    const protectedFiles = built();
    expect(seen(protectedFiles, 'usr/bin/tool')).toEqual(['package', 'dpkg:diverter']);
    expect(seen(protectedFiles, 'usr/bin/tool.real')).toEqual(['package', 'dpkg:other']);
  });

  test('owns its files by whatever further path they have, and copies of them by none', () => {
    const protectedFiles = built();
    mkdirSync(join(root, 'home'));
    linkSync(join(root, 'usr/bin/ls'), join(root, 'home/hard link'));
    place('home/copy', 'bin/ls');
    expect(seen(protectedFiles, 'home/hard link')).toEqual(['package', 'dpkg:coreutils']);
    expect(seen(protectedFiles, 'home/copy')).toEqual([undefined, null]);
    renameSync(join(root, 'usr'), join(root, 'moved'));
    expect(seen(protectedFiles, 'moved/lib/libc.so.6')).toEqual(['package', 'dpkg:libc6']);
    expect(seen(protectedFiles, 'moved/bin/malware')).toEqual([undefined, null]);
  });

  test('owns what an update, or an editor, has put in the place of its file', () => {
    const protectedFiles = built();
    place('usr/bin/new', 'new');
    renameSync(join(root, 'usr/bin/new'), join(root, 'usr/bin/ls'));
    expect(seen(protectedFiles, 'usr/bin/ls')).toEqual(['package', 'dpkg:coreutils']);
  });

  test('owns nothing for the path of a file that was matched where that path leads elsewhere', () => {
    const { dev, ino } = lstatSync(join(root, 'usr/bin/malware'));
    const elsewhere = placeOf(Buffer.from(join(root, 'usr/bin/ls')), { device: dev, inode: ino });
    expect(built().kindOf(elsewhere)).toBeUndefined();
    expect(built().packageOf(elsewhere)).toBeNull();
  });

  test('says that something has changed when it has', () => {
    const before = protectedFilesVersion({ root, state: root });
    place('var/lib/dpkg/info/new.list', '/usr/bin/new\n');
    expect(protectedFilesVersion({ root, state: root })).not.toBe(before);
  });
});

describe('rpm', () => {
  test('owns the files of its headers, and a damaged header takes nothing away from the others', () => {
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    mkdirSync(join(root, 'var/lib/rpm'), { recursive: true });
    const database = new DatabaseSync(join(root, 'var/lib/rpm/rpmdb.sqlite'));
    database.exec(
      'PRAGMA journal_mode=WAL; CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)',
    );
    const add = database.prepare('INSERT INTO Packages (blob) VALUES (?)');
    add.run(
      headerOf(
        'bash',
        ['/usr/bin/', '/etc/'],
        [
          ['bash', 0],
          ['sh', 0],
          ['bashrc', 1],
        ],
      ),
    );
    add.run(headerOf('bash', ['/usr/bin/'], [['ls', 0]]).subarray(0, 40));
    add.run(Buffer.from('nonsense'));
    add.run(
      headerOf(
        'coreutils',
        ['/usr/bin/'],
        [
          ['cat', 0],
          ['lost', 7],
        ],
      ),
    );
    for (const path of ['usr/bin/bash', 'usr/bin/cat', 'usr/bin/ls', 'etc/bashrc']) place(path);
    const protectedFiles = built();
    database.close();
    expect(seen(protectedFiles, 'usr/bin/bash')).toEqual(['package', 'rpm:bash']);
    expect(seen(protectedFiles, 'etc/bashrc')).toEqual(['package', 'rpm:bash']);
    expect(seen(protectedFiles, 'usr/bin/cat')).toEqual(['package', 'rpm:coreutils']);
    expect(seen(protectedFiles, 'usr/bin/ls')).toEqual([undefined, null]);
  });

  test('has headers whose numbers lie, and none of them is believed', () => {
    const header = headerOf('bash', ['/usr/bin/'], [['bash', 0]]);
    for (let at = 0; at < header.length; at += 1) {
      const damaged = Buffer.from(header);
      damaged[at] = 0xff;
      expect([...filesOf(damaged)].length).toBeLessThanOrEqual(1);
      expect([...filesOf(header.subarray(0, at))].length).toBeLessThanOrEqual(1);
    }
  });

  test('has older databases, which are not read and said to be so', () => {
    place('var/lib/rpm/Packages', 'Berkeley DB');
    const { problems } = buildProtectedFiles({ root, state: root });
    expect(problems).toEqual([expect.stringContaining('does not read')]);
  });
});

describe('always', () => {
  test("are Cordon's own files, wherever they are asked for", () => {
    place('state/identity.json', '{}');
    const protectedFiles = built();
    expect(seen(protectedFiles, 'state/identity.json')[0]).toBe('always');
    place('state/objects/made-later.json', '{}');
    expect(seen(protectedFiles, 'state/objects/made-later.json')[0]).toBe('always');
    expect(protectedFiles.kindOf(match(realpathSync(process.execPath)))).toBe('always');
    expect(protectedFiles.kindOf(match(realpathSync(import.meta.filename)))).toBe('always');
  });

  test('are they by whatever further path they have, with what was made in their folders since', () => {
    place('state/identity.json', '{}');
    place('etc/shells', '');
    const protectedFiles = built();
    linkSync(join(root, 'state/identity.json'), join(root, 'hard link'));
    expect(seen(protectedFiles, 'hard link')[0]).toBe('always');
    // As a bind mount would show it: another path, and the same folder.
    renameSync(join(root, 'state'), join(root, 'elsewhere'));
    place('elsewhere/objects/made-later.json', '{}');
    expect(seen(protectedFiles, 'elsewhere/identity.json')[0]).toBe('always');
    expect(seen(protectedFiles, 'elsewhere/objects/made-later.json')[0]).toBe('always');
    expect(seen(protectedFiles, 'etc/shells')[0]).toBeUndefined();
  });

  test('shells are protected as the files of packages are', () => {
    place('etc/shells', '# comment\n/usr/bin/myshell\n');
    place('usr/bin/myshell');
    expect(seen(built(), 'usr/bin/myshell')).toEqual(['package', null]);
  });

  test('an interpreter is read out of a program, and nothing out of what is none', () => {
    place('text', '#!/bin/sh\n'.repeat(50));
    expect(interpreterOf(join(root, 'text'))).toBeUndefined();
    expect(interpreterOf(join(root, 'not-there'))).toBeUndefined();
    expect(interpreterOf(process.execPath)).toMatch(/^\/.*ld-.*\.so/);
  });
});

describe('this machine', () => {
  test.runIf(isAvailable(existsSync('/var/lib/dpkg/info'), 'the real package database; this is no Debian'))(
    'has the files that dpkg says it has, each with its package',
    () => {
      const protectedFiles = new ProtectedFileIndex(buildProtectedFiles({ root: '/', state: root }));
      const path = realpathSync('/usr/bin/dpkg');
      const [owner] = spawnSync('dpkg', ['-S', path], { encoding: 'utf8' }).stdout.split(':');
      expect(protectedFiles.packageOf(match(path))).toBe(`dpkg:${owner}`);
      expect(protectedFiles.kindOf(match(realpathSync(interpreterOf(process.execPath) ?? '')))).toBe('always');
      place('malware');
      expect(protectedFiles.kindOf(match(join(root, 'malware')))).toBe('always');
      const elsewhere = mkdtempSync(join(tmpdir(), 'cordon-elsewhere-'));
      writeFileSync(join(elsewhere, 'malware'), '');
      expect(protectedFiles.kindOf(match(join(realpathSync(elsewhere), 'malware')))).toBeUndefined();
      rmSync(elsewhere, { recursive: true });
      const { package: packed } = protectedFiles.packed;
      const numbers = new Float64Array(Uint8Array.from(Buffer.from(packed, 'base64')).buffer);
      expect(numbers.length).toBeGreaterThan(1000);
      expect(numbers.every((one, index) => index === 0 || one > (numbers[index - 1] ?? Infinity))).toBe(true);
    },
  );
});

/** A header as rpm writes it into its database: without the magic of package files. */
function headerOf(name: string, folders: readonly string[], files: readonly (readonly [string, number])[]): Buffer {
  const indexes = Buffer.alloc(files.length * 4);
  for (const [at, [, folder]] of files.entries()) indexes.writeUInt32BE(folder, at * 4);
  const entries: readonly (readonly [number, number, Buffer, number])[] = [
    [1116, 4, indexes, files.length],
    [1000, 6, text([name]), 1],
    [1117, 8, text(files.map(([base]) => base)), files.length],
    [1118, 8, text(folders), folders.length],
  ];
  const store = Buffer.concat(entries.map(([, , bytes]) => bytes));
  const head = Buffer.alloc(8 + entries.length * 16);
  head.writeUInt32BE(entries.length, 0);
  head.writeUInt32BE(store.length, 4);
  let offset = 0;
  for (const [index, [tag, type, bytes, count]] of entries.entries()) {
    for (const [word, value] of [tag, type, offset, count].entries())
      head.writeUInt32BE(value, 8 + index * 16 + word * 4);
    offset += bytes.length;
  }
  return Buffer.concat([head, store]);
}

function text(values: readonly string[]): Buffer {
  return Buffer.from(values.map((one) => `${one}\0`).join(''));
}
