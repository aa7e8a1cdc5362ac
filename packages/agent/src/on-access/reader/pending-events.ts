/**
 * The openings that wait for an answer, in memory that all threads share, so that each is answered exactly once.
 *
 * Readers and the hasher put a case on the desk before they look at its file; the main thread watches the desk and
 * answers in their place when time is up, or when they have died. A descriptor is closed by whoever owns the case, and
 * only after the answer is written: a closed number may name the next case at once.
 */
import { writeSync } from 'node:fs';
import { allow, answerBytes, deny, writeAnswer } from '../../kernel/fanotify.ts';
import type { FileEvent, Group, EventKind } from '../../kernel/fanotify.ts';

/** Two readers at work and one in reserve; the others take the place of those that are stuck. */
export const readerSlots = 8;
const hasherSlots = 256;
export const slotCount: number = readerSlots + hasherSlots;
const maxTrusted = 64;

const control = {
  generation: 0,
  enforcing: 1,
  denyExecution: 2,
  trustedCount: 3,
  work: 4,
  trusted: 5,
  words: 5 + maxTrusted,
} as const;
const word = { state: 0, file: 1, kind: 2, turn: 3, pid: 4, late: 5, words: 6 } as const;
/** `reserved` is nobody's business but of the thread that fills it in. */
const state = { free: 0, reserved: 1, waiting: 2, answering: 3, answered: 4 } as const;
const eventKinds = ['open', 'execute', 'written'] as const satisfies readonly EventKind[];

export interface PendingEvent extends FileEvent {
  /** Counts on, so that a case is not taken for the one before it. */
  readonly turn: number;
}

/** How the main thread has answered in the place of those who should have. */
export type Late = 'no' | 'allowed' | 'denied';
const lates = ['no', 'allowed', 'denied'] as const satisfies readonly Late[];

export interface PendingEvents {
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly slots: Int32Array<SharedArrayBuffer>;
}

export function newPendingEvents(): PendingEvents {
  return {
    control: new Int32Array(new SharedArrayBuffer(control.words * 4)),
    slots: new Int32Array(new SharedArrayBuffer(slotCount * word.words * 4)),
  };
}

/** Grows whenever threads have something to learn from the main thread. */
export function generation(pendingEvents: PendingEvents): number {
  return Atomics.load(pendingEvents.control, control.generation);
}

export function announce(pendingEvents: PendingEvents): void {
  Atomics.add(pendingEvents.control, control.generation, 1);
}

export interface Settings {
  readonly enforcing: boolean;
  readonly denyExecution: boolean;
}

export function settle(pendingEvents: PendingEvents, { enforcing, denyExecution }: Settings): void {
  Atomics.store(pendingEvents.control, control.enforcing, Number(enforcing));
  Atomics.store(pendingEvents.control, control.denyExecution, Number(denyExecution));
}

export function isEnforcing(pendingEvents: PendingEvents): boolean {
  return Atomics.load(pendingEvents.control, control.enforcing) === 1;
}

export function trust(pendingEvents: PendingEvents, pids: readonly number[]): void {
  const taken = pids.slice(0, maxTrusted);
  for (const [index, pid] of taken.entries()) Atomics.store(pendingEvents.control, control.trusted + index, pid);
  Atomics.store(pendingEvents.control, control.trustedCount, taken.length);
}

export function isTrusted(pendingEvents: PendingEvents, pid: number): boolean {
  const count = Atomics.load(pendingEvents.control, control.trustedCount);
  for (let index = 0; index < count; index += 1)
    if (Atomics.load(pendingEvents.control, control.trusted + index) === pid) return true;
  return false;
}

/** Puts a case on the desk: from now on the main thread answers it when we do not. */
export function begin(pendingEvents: PendingEvents, number: number, { file, kind, pid }: FileEvent): void {
  fill(pendingEvents, number, { file, kind, pid, late: 'no' });
  set(pendingEvents, number, word.state, state.waiting);
}

export function finish(pendingEvents: PendingEvents, number: number): void {
  set(pendingEvents, number, word.state, state.free);
}

export function pendingEventAt(pendingEvents: PendingEvents, number: number): PendingEvent | undefined {
  const now = get(pendingEvents, number, word.state);
  if (now === state.free || now === state.reserved) return undefined;
  return { ...eventAt(pendingEvents, number), turn: get(pendingEvents, number, word.turn) };
}

export function isWaiting(pendingEvents: PendingEvents, number: number): boolean {
  return get(pendingEvents, number, word.state) === state.waiting;
}

/** Of a case that is still waiting; changes with each case in the same place. */
export function turnOf(pendingEvents: PendingEvents, number: number): number {
  return get(pendingEvents, number, word.turn);
}

export interface Answer {
  readonly group: Group;
  readonly number: number;
  readonly allowed: boolean;
}

/** Answers a case of our own. Tells whether the main thread was there before us, and how it has answered. */
export function answer(pendingEvents: PendingEvents, { group, number, allowed }: Answer): Late {
  if (take(pendingEvents, number)) {
    write(pendingEvents, { group, number, allowed });
    set(pendingEvents, number, word.state, state.answered);
    return 'no';
  }
  return howAnswered(pendingEvents, number);
}

/** Answers in the place of the owner, unless it has just done so itself. */
export function answerLate(pendingEvents: PendingEvents, group: Group, number: number): Late | undefined {
  if (!take(pendingEvents, number)) return undefined;
  const denied =
    get(pendingEvents, number, word.kind) === 1 && Atomics.load(pendingEvents.control, control.denyExecution) === 1;
  try {
    write(pendingEvents, { group, number, allowed: !denied });
  } finally {
    const late = denied ? 'denied' : 'allowed';
    set(pendingEvents, number, word.late, lates.indexOf(late));
    set(pendingEvents, number, word.state, state.answered);
    Atomics.notify(pendingEvents.slots, placeOf(number, word.state));
  }
  return denied ? 'denied' : 'allowed';
}

/** Moves a reader's case to a free place of the hasher; undefined when there is none. */
export function handOver(pendingEvents: PendingEvents, from: number): number | undefined {
  const to = reserve(pendingEvents);
  if (to === undefined) return undefined;
  const isMoved =
    Atomics.compareExchange(pendingEvents.slots, placeOf(from, word.state), state.waiting, state.free) ===
    state.waiting;
  const late = isMoved ? 'no' : howAnswered(pendingEvents, from);
  fill(pendingEvents, to, { ...eventAt(pendingEvents, from), late });
  set(pendingEvents, to, word.state, isMoved ? state.waiting : state.answered);
  if (!isMoved) finish(pendingEvents, from);
  return to;
}

export function wakeHasher(pendingEvents: PendingEvents): void {
  Atomics.add(pendingEvents.control, control.work, 1);
  Atomics.notify(pendingEvents.control, control.work);
}

/** Waits until there is more work than was `seen`; to `look` tells how much there is, at once. */
export function awaitWork(pendingEvents: PendingEvents, seen: number | 'look'): number {
  if (seen !== 'look') Atomics.wait(pendingEvents.control, control.work, seen);
  return Atomics.load(pendingEvents.control, control.work);
}

/** How the main thread has answered. It may be doing so at this moment, which takes microseconds. */
function howAnswered(pendingEvents: PendingEvents, number: number): Late {
  const place = placeOf(number, word.state);
  while (Atomics.load(pendingEvents.slots, place) === state.answering)
    Atomics.wait(pendingEvents.slots, place, state.answering, 1);
  return lates[get(pendingEvents, number, word.late)] ?? 'no';
}

function eventAt(pendingEvents: PendingEvents, number: number): FileEvent {
  return {
    file: get(pendingEvents, number, word.file),
    kind: eventKinds[get(pendingEvents, number, word.kind)] ?? 'open',
    pid: get(pendingEvents, number, word.pid),
  };
}

function reserve(pendingEvents: PendingEvents): number | undefined {
  for (let number = readerSlots; number < slotCount; number += 1)
    if (
      Atomics.compareExchange(pendingEvents.slots, placeOf(number, word.state), state.free, state.reserved) ===
      state.free
    )
      return number;
  return undefined;
}

function fill(pendingEvents: PendingEvents, number: number, known: FileEvent & { late: Late }): void {
  set(pendingEvents, number, word.file, known.file);
  set(pendingEvents, number, word.kind, eventKinds.indexOf(known.kind));
  set(pendingEvents, number, word.pid, known.pid);
  set(pendingEvents, number, word.late, lates.indexOf(known.late));
  Atomics.add(pendingEvents.slots, placeOf(number, word.turn), 1);
}

function take(pendingEvents: PendingEvents, number: number): boolean {
  return (
    Atomics.compareExchange(pendingEvents.slots, placeOf(number, word.state), state.waiting, state.answering) ===
    state.waiting
  );
}

const bytes = Buffer.alloc(answerBytes);

function write(pendingEvents: PendingEvents, { group, number, allowed }: Answer): void {
  // What was written already needs no leave.
  if (get(pendingEvents, number, word.kind) === 2) return;
  try {
    writeSync(group, writeAnswer(bytes, get(pendingEvents, number, word.file), allowed ? allow : deny));
  } catch (error) {
    // The opener was killed while it waited: the kernel has forgotten the question.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

function placeOf(number: number, part: number): number {
  return number * word.words + part;
}

function get(pendingEvents: PendingEvents, number: number, part: number): number {
  return Atomics.load(pendingEvents.slots, placeOf(number, part));
}

function set(pendingEvents: PendingEvents, number: number, part: number, value: number): void {
  Atomics.store(pendingEvents.slots, placeOf(number, part), value);
}
