/** The quarantine and a sweep by themselves, run where a filesystem of their own is mounted: prints facts as JSON. */
import { closeSync, constants, lstatSync, openSync, readFileSync } from 'node:fs';
import { fileCalls, keptFlags } from '../../packages/agent/src/kernel/file-calls.ts';
import { bytesOfPath } from '../../packages/agent/src/fs/path.ts';
import { packRules } from '../../packages/agent/src/matching/rule-index.ts';
import { decodeWorkerMessage } from '../../packages/agent/src/ipc/worker-messages.ts';
import { sweep } from '../../packages/agent/src/scanner/sweep/sweep.ts';
import { Quarantine } from '../../packages/agent/src/scanner/quarantine/quarantine.ts';
import { ruleFor, sha1Of } from './site.ts';

const calls = fileCalls();
/** The access time is restored, too. */
const quietly = constants.O_RDONLY | constants.O_NOATIME;
/** cap_net_raw, permitted and effective (capability.h, version 2). */
const capability = Buffer.from('0100000200200000000000000000000000000000', 'hex');

const [what, folder = '', ...rest] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await run()));

async function run(): Promise<unknown> {
  const [path = ''] = rest;
  switch (what ?? '') {
    case 'take':
      return outcome(() => take(path));
    case 'take matched':
      return outcome(() => takeMatched(path));
    case 'restore':
      return outcome(() => new Quarantine({ calls, folder }).restore(path).problem ?? null);
    case 'list':
      return new Quarantine({ calls, folder }).list().map(({ id }) => id);
    case 'dress':
      return dress(path, Number(rest[1]));
    case 'facts':
      return facts(path);
    case 'sweep':
      return swept(path);
    default:
      throw new Error(`${what} is nothing to do.`);
  }
}

function take(path: string): string {
  const { dev, ino } = lstatSync(path);
  const file = openSync(path, quietly);
  const sha1 = sha1Of(readFileSync(file));
  closeSync(file);
  const object = { type: 'file_sha1' as const, content: sha1 };
  const asked = { device: dev, inode: ino, sha1, object, detectedBy: 'sweep' as const, now: 1, usedBy: () => [] };
  return new Quarantine({ calls, folder }).take({ ...asked, path: Buffer.from(path) }).entry.id;
}

/** As the scanner process receives it in a message. */
function takeMatched(line: string): string | null {
  const message = decodeWorkerMessage('toScanner', line);
  if (message?.type !== 'quarantine' || !message.match.file)
    throw new Error('That is no message to quarantine a file.');
  const { file, object, detectedBy } = message.match;
  const { device, inode, sha1 } = file;
  const path = bytesOfPath(file.path);
  const asked = { path, device, inode, sha1, object, detectedBy, now: 1, usedBy: () => [] };
  return new Quarantine({ calls, folder }).take(asked).remark;
}

function outcome(act: () => unknown): { done: unknown } | { failed: string } {
  try {
    return { done: act() };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

function dress(path: string, flags: number): null {
  const file = openSync(path, quietly);
  const on = calls;
  for (const [name, value] of [
    ['user.note', Buffer.from('a note')],
    ['user.binary', Buffer.of(0, 1, 255, 0)],
    ['user.empty', Buffer.alloc(0)],
    ['trusted.secret', Buffer.from('for root')],
    ['security.capability', capability],
  ] as const)
    on.setAttribute(file, { name: Buffer.from(name), value });
  on.setFlags(file, (on.flags(file) ?? 0) | flags);
  closeSync(file);
  return null;
}

function facts(path: string): unknown {
  const { uid, gid, mode, size, mtimeNs, atimeNs } = lstatSync(path, { bigint: true });
  const file = openSync(path, quietly);
  const on = calls;
  const attributes = on.attributes(file).map(({ name, value }) => `${name.toString()}=${value.toString('hex')}`);
  const flags = (on.flags(file) ?? 0) & keptFlags;
  closeSync(file);
  return {
    ...Object.fromEntries(
      Object.entries({ uid, gid, mode, size, mtimeNs, atimeNs }).map(([key, value]) => [key, String(value)]),
    ),
    attributes: attributes.sort(),
    flags,
  };
}

async function swept(content: string): Promise<string[]> {
  const found: string[] = [];
  await sweep({
    roots: [folder],
    rules: packRules([ruleFor(content)], 0),
    digests: undefined,
    calls,
    megabytesPerSecond: 0,
    leaveOut: [],
    signal: new AbortController().signal,
    from: undefined,
    onHit: (hit) => void found.push(Buffer.from(hit.path).toString()),
  });
  return found;
}
