/**
 * The file rules, packed into memory that threads share, for two questions: can a file of this size be listed, and is
 * this digest?
 *
 * 20,000 rules take about 1.3 MB, once for all threads, and a look-up makes no garbage. A packed list never changes: a
 * changed one is packed again (about 10 ms for 20,000) and replaces it.
 */
import type { FileRule } from '../ipc/worker-messages.ts';
import { isExpired } from './effective-action.ts';

const digestBytes = 20;
const wordsOfDigest = digestBytes / 4;
const header = { rules: 0, slots: 1, sizes: 2, sizeless: 3, words: 4 } as const;
const actions = ['log', 'block', 'quarantine'] as const satisfies readonly FileRule['action'][];
const flag = { action: 0b11, uploaded: 0b100, confirmed: 0b1000 } as const;
const noSize = -1;
const free = -1;

/** Where each part of the memory begins; doubles first, for their alignment. */
interface Layout {
  readonly doubles: number;
  readonly sizeSlots: number;
  readonly words: number;
  readonly slots: number;
  readonly flags: number;
  readonly bytes: number;
}

/** Rules that have expired at `now` are left out. */
export function packRules(files: Iterable<FileRule>, now: number): SharedArrayBuffer {
  const rules = [...files].filter((rule) => !isExpired(rule, now));
  const slots = tableSize(rules.length);
  const sizes = new Set(rules.flatMap(({ size }) => (size === null ? [] : [size])));
  const sizeSlots = tableSize(sizes.size);
  const memory = new SharedArrayBuffer(layout(rules.length, slots, sizeSlots).bytes);
  const counts = new Int32Array(memory, 0, header.words);
  counts.set([rules.length, slots, sizeSlots, rules.filter(({ size }) => size === null).length]);
  const views = viewsOf(memory);
  views.sizeTable.fill(noSize);
  views.table.fill(free);
  for (const size of sizes) views.sizeTable[slotOfSize(views.sizeTable, size)] = size;
  for (const [number, rule] of rules.entries()) put(views, number, rule);
  return memory;
}

export class RuleIndex {
  readonly #views: Views;
  readonly #sizeless: boolean;

  constructor(packed: SharedArrayBuffer) {
    this.#views = viewsOf(packed);
    this.#sizeless = (new Int32Array(packed, 0, header.words)[header.sizeless] ?? 0) > 0;
  }

  get count(): number {
    return this.#views.flags.length;
  }

  /** Whether a file of this size must be hashed: always, while a digest is listed whose size is unknown. */
  canHold(size: number): boolean {
    return this.#sizeless || this.#views.sizeTable[slotOfSize(this.#views.sizeTable, size)] === size;
  }

  /** A rule that has expired at `now` is not found. */
  find(sha1: Uint8Array, now: number): FileRule | undefined {
    const { table, words, digests } = this.#views;
    const mask = table.length - 1;
    for (let slot = wordAt(sha1, 0) & mask; ; slot = (slot + 1) & mask) {
      const number = table[slot] ?? free;
      if (number === free) return undefined;
      if (isSame(words, number, sha1)) return ruleAt(this.#views, digests, number, now);
    }
  }
}

interface Views {
  readonly sizes: Float64Array;
  readonly expiries: Float64Array;
  readonly sizeTable: Float64Array;
  readonly words: Uint32Array;
  readonly digests: Uint8Array;
  readonly table: Int32Array;
  readonly flags: Uint8Array;
}

function layout(rules: number, slots: number, sizeSlots: number): Layout {
  const doubles = header.words * 4;
  const sizeTable = doubles + rules * 16;
  const words = sizeTable + sizeSlots * 8;
  const table = words + rules * digestBytes;
  const flags = table + slots * 4;
  return { doubles, sizeSlots: sizeTable, words, slots: table, flags, bytes: flags + rules };
}

function viewsOf(memory: SharedArrayBuffer): Views {
  const [rules = 0, slots = 0, sizeSlots = 0] = new Int32Array(memory, 0, header.words);
  const at = layout(rules, slots, sizeSlots);
  return {
    sizes: new Float64Array(memory, at.doubles, rules),
    expiries: new Float64Array(memory, at.doubles + rules * 8, rules),
    sizeTable: new Float64Array(memory, at.sizeSlots, sizeSlots),
    words: new Uint32Array(memory, at.words, rules * wordsOfDigest),
    digests: new Uint8Array(memory, at.words, rules * digestBytes),
    table: new Int32Array(memory, at.slots, slots),
    flags: new Uint8Array(memory, at.flags, rules),
  };
}

function put({ sizes, expiries, digests, table, flags }: Views, number: number, rule: FileRule): void {
  const digest = Buffer.from(rule.sha1, 'hex');
  digests.set(digest, number * digestBytes);
  sizes[number] = rule.size ?? noSize;
  expiries[number] = rule.expiresAt ?? Infinity;
  flags[number] =
    actions.indexOf(rule.action) | (rule.type === 'file' ? flag.uploaded : 0) | (rule.confirmed ? flag.confirmed : 0);
  const mask = table.length - 1;
  let slot = wordAt(digest, 0) & mask;
  while (table[slot] !== free) slot = (slot + 1) & mask;
  table[slot] = number;
}

function ruleAt(views: Views, digests: Uint8Array, number: number, now: number): FileRule | undefined {
  const expiresAt = finite(views.expiries[number]);
  if (isExpired({ expiresAt }, now)) return undefined;
  const flags = views.flags[number] ?? 0;
  const size = views.sizes[number] ?? noSize;
  const digest = Buffer.from(digests.subarray(number * digestBytes, (number + 1) * digestBytes));
  return {
    type: (flags & flag.uploaded) === 0 ? 'file_sha1' : 'file',
    sha1: digest.toString('hex').toUpperCase(),
    size: size === noSize ? null : size,
    action: actions[flags & flag.action] ?? 'log',
    expiresAt,
    confirmed: (flags & flag.confirmed) !== 0,
  };
}

function finite(value: number | undefined): number | null {
  return value === undefined || value === Infinity ? null : value;
}

/** A power of two, at most half full. */
function tableSize(entries: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(8, entries * 2)));
}

/** Where the size is, or would be. */
function slotOfSize(table: Float64Array, size: number): number {
  const mask = table.length - 1;
  // The low 32 bits, stirred: sizes are often multiples of a block.
  let slot = (Math.imul(size % 2 ** 32, 0x9e3779b1) >>> 8) & mask;
  while (table[slot] !== size && table[slot] !== noSize) slot = (slot + 1) & mask;
  return slot;
}

function isSame(words: Uint32Array, number: number, sha1: Uint8Array): boolean {
  for (let word = 0; word < wordsOfDigest; word += 1)
    if (words[number * wordsOfDigest + word] !== wordAt(sha1, word)) return false;
  return true;
}

/** Little-endian, as the memory is read on the machines we run on (see kernel/calls.ts). */
function wordAt(bytes: Uint8Array, word: number): number {
  const at = word * 4;
  return (
    ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
  );
}
