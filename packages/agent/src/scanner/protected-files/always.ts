/** Files that the endpoint or its agent cannot do without: protected even when a person has confirmed the object. */
import { closeSync, existsSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageFolder } from '../../entry.ts';
import { readIfThere } from '../../fs/durable.ts';

const headBytes = 8192;
const elf = { magic: 0x7f454c46, bits64: 2, littleEndian: 1, interpreter: 3 } as const;
const loaderName = /^ld(?:-linux.*|-musl.*|64)?(?:-[\d.]+)?\.so(?:\.\d+)*$/;
/** The packages that the agent is made of, beside its own. */
const parts = ['@cordon/protocol', '@koromix', 'koffi', 'ws'];

/** Login shells of this host. */
export function shells(root: string): string[] {
  const text = readIfThere(join(root, 'etc/shells')) ?? '';
  return text.split('\n').filter((line) => line.startsWith('/'));
}

/** Those of this process, the first one and the shells, and what is named like one in the folders of loaders. */
export function loaders(root: string): string[] {
  const programs = ['/proc/1/exe', process.execPath, ...shells(root).map((shell) => join(root, shell))];
  const asked = programs.flatMap((program) => interpreterOf(program) ?? []);
  const folders = ['lib', 'lib64', 'lib32', 'usr/lib', 'usr/lib64', ...archFolders(join(root, 'usr/lib'))];
  const lying = folders.flatMap((folder) =>
    namesIn(join(root, folder))
      .filter((name) => loaderName.test(name))
      .map((name) => join('/', folder, name)),
  );
  return [...asked, ...lying];
}

/** Folders whose files are the agent's: its programs, what those import, and its state. */
export function ownFolders(state: string): string[] {
  const own = fileURLToPath(packageFolder);
  const found = parts.flatMap((part) => nearest(own, join('node_modules', part)) ?? []);
  return [own, ...found, state].filter((path) => existsSync(path)).map((path) => realpathSync(path));
}

/** The program that runs us, and the first process of the host. */
export function ownPrograms(): string[] {
  return [process.execPath, '/proc/1/exe'].flatMap((path) => {
    try {
      return [realpathSync(path)];
    } catch {
      return []; // Not readable for us: the first process belongs to another user.
    }
  });
}

/** PT_INTERP of a program (elf(5)); undefined for what is no 64-bit little-endian one, or has none. */
export function interpreterOf(program: string): string | undefined {
  const head = headOf(program);
  if (!head || head.length < 64 || head.readUInt32BE(0) !== elf.magic) return undefined;
  if (head[4] !== elf.bits64 || head[5] !== elf.littleEndian) return undefined;
  const [start, size, count] = [Number(head.readBigUInt64LE(32)), head.readUInt16LE(54), head.readUInt16LE(56)];
  for (let at = start; at + 56 <= Math.min(head.length, start + size * count); at += Math.max(size, 56)) {
    if (head.readUInt32LE(at) !== elf.interpreter) continue;
    const [from, length] = [Number(head.readBigUInt64LE(at + 8)), Number(head.readBigUInt64LE(at + 32))];
    const path = head.subarray(from, from + length - 1).toString('latin1');
    return path.startsWith('/') ? path : undefined;
  }
  return undefined;
}

function headOf(path: string): Buffer | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined; // Listed as a shell, and not there.
  }
  try {
    const head = Buffer.alloc(headBytes);
    return head.subarray(0, readSync(file, head, 0, headBytes, 0));
  } finally {
    closeSync(file);
  }
}

function archFolders(folder: string): string[] {
  return namesIn(folder)
    .filter((name) => name.includes('-linux-'))
    .map((name) => join('usr/lib', name));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Most hosts have only some of them.
  }
}

function nearest(from: string, name: string): string | undefined {
  const path = join(from, name);
  if (existsSync(path)) return path;
  const above = dirname(from);
  return above === from ? undefined : nearest(above, name);
}
