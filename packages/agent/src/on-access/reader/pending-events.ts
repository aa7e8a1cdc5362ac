/**
 * The events that wait for an answer, in memory that all threads share, so that each is answered exactly once.
 *
 * Readers and the hasher enter an event before they look at its file. The main thread answers for them when time is up,
 * or when they have died. The owner of an event closes its descriptor, and only after the answer is written: a closed
 * number may name the next file at once.
 */
import { writeSync } from 'node:fs';
import { codeOf } from '../../message-of.ts';
import { allow, answerBytes, deny, writeAnswer } from '../../kernel/fanotify.ts';
import type { FileEvent, Group, EventKind } from '../../kernel/fanotify.ts';

/** Two readers at work and one in reserve; the others replace those that are stuck. */
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
/** `reserved` concerns only the thread that fills it in. */
const state = { free: 0, reserved: 1, waiting: 2, answering: 3, answered: 4 } as const;
const eventKinds = ['open', 'execute', 'written'] as const satisfies readonly EventKind[];

export interface PendingEvent extends FileEvent {
  /** Increases, so that an event is not taken for the one before it in the same slot. */
  readonly turn: number;
}

/** How the main thread has answered for a thread that was late. */
export type LateAnswer = 'no' | 'allowed' | 'denied';
const lateAnswers = ['no', 'allowed', 'denied'] as const satisfies readonly LateAnswer[];

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

/** Increases whenever the main thread has an update for the threads. */
export function generation(events: PendingEvents): number {
  return Atomics.load(events.control, control.generation);
}

export function announce(events: PendingEvents): void {
  Atomics.add(events.control, control.generation, 1);
}

export interface Settings {
  readonly enforcing: boolean;
  readonly denyExecution: boolean;
}

export function applySettings(events: PendingEvents, { enforcing, denyExecution }: Settings): void {
  Atomics.store(events.control, control.enforcing, Number(enforcing));
  Atomics.store(events.control, control.denyExecution, Number(denyExecution));
}

export function isEnforcing(events: PendingEvents): boolean {
  return Atomics.load(events.control, control.enforcing) === 1;
}

export function setTrusted(events: PendingEvents, pids: readonly number[]): void {
  const taken = pids.slice(0, maxTrusted);
  for (const [index, pid] of taken.entries()) Atomics.store(events.control, control.trusted + index, pid);
  Atomics.store(events.control, control.trustedCount, taken.length);
}

export function isTrusted(events: PendingEvents, pid: number): boolean {
  const count = Atomics.load(events.control, control.trustedCount);
  for (let index = 0; index < count; index += 1)
    if (Atomics.load(events.control, control.trusted + index) === pid) return true;
  return false;
}

/** Enters an event: from now on the main thread answers it when we do not. */
export function begin(events: PendingEvents, number: number, { file, kind, pid }: FileEvent): void {
  fill(events, number, { file, kind, pid, late: 'no' });
  set(events, number, word.state, state.waiting);
}

export function finish(events: PendingEvents, number: number): void {
  set(events, number, word.state, state.free);
}

export function pendingEventAt(events: PendingEvents, number: number): PendingEvent | undefined {
  const now = get(events, number, word.state);
  if (now === state.free || now === state.reserved) return undefined;
  return { ...eventAt(events, number), turn: get(events, number, word.turn) };
}

export function isWaiting(events: PendingEvents, number: number): boolean {
  return get(events, number, word.state) === state.waiting;
}

/** Changes with each event in the same slot. */
export function turnOf(events: PendingEvents, number: number): number {
  return get(events, number, word.turn);
}

export interface Answer {
  readonly group: Group;
  readonly number: number;
  readonly allowed: boolean;
}

/** Answers an event of our own. Returns whether the main thread was first, and how it has answered. */
export function answer(events: PendingEvents, { group, number, allowed }: Answer): LateAnswer {
  if (take(events, number)) {
    write(events, { group, number, allowed });
    set(events, number, word.state, state.answered);
    return 'no';
  }
  return howAnswered(events, number);
}

/** Answers for the owner, unless it has just done so itself. */
export function answerLate(events: PendingEvents, group: Group, number: number): LateAnswer | undefined {
  if (!take(events, number)) return undefined;
  const denied = get(events, number, word.kind) === 1 && Atomics.load(events.control, control.denyExecution) === 1;
  try {
    write(events, { group, number, allowed: !denied });
  } finally {
    const late = denied ? 'denied' : 'allowed';
    set(events, number, word.late, lateAnswers.indexOf(late));
    set(events, number, word.state, state.answered);
    Atomics.notify(events.slots, wordAt(number, word.state));
  }
  return denied ? 'denied' : 'allowed';
}

/** Moves a reader's event to a free slot of the hasher; undefined when there is none. */
export function handOver(events: PendingEvents, from: number): number | undefined {
  const to = reserve(events);
  if (to === undefined) return undefined;
  const isMoved =
    Atomics.compareExchange(events.slots, wordAt(from, word.state), state.waiting, state.free) === state.waiting;
  const late = isMoved ? 'no' : howAnswered(events, from);
  fill(events, to, { ...eventAt(events, from), late });
  set(events, to, word.state, isMoved ? state.waiting : state.answered);
  if (!isMoved) finish(events, from);
  return to;
}

export function wakeHasher(events: PendingEvents): void {
  Atomics.add(events.control, control.work, 1);
  Atomics.notify(events.control, control.work);
}

/** Waits until there is more work than was `seen`; `look` returns at once how much there is. */
export function awaitWork(events: PendingEvents, seen: number | 'look'): number {
  if (seen !== 'look') Atomics.wait(events.control, control.work, seen);
  return Atomics.load(events.control, control.work);
}

/** How the main thread has answered. It may be doing so right now, which takes microseconds. */
function howAnswered(events: PendingEvents, number: number): LateAnswer {
  const place = wordAt(number, word.state);
  while (Atomics.load(events.slots, place) === state.answering) Atomics.wait(events.slots, place, state.answering, 1);
  return lateAnswers[get(events, number, word.late)] ?? 'no';
}

function eventAt(events: PendingEvents, number: number): FileEvent {
  return {
    file: get(events, number, word.file),
    kind: eventKinds[get(events, number, word.kind)] ?? 'open',
    pid: get(events, number, word.pid),
  };
}

function reserve(events: PendingEvents): number | undefined {
  for (let number = readerSlots; number < slotCount; number += 1)
    if (Atomics.compareExchange(events.slots, wordAt(number, word.state), state.free, state.reserved) === state.free)
      return number;
  return undefined;
}

function fill(events: PendingEvents, number: number, known: FileEvent & { late: LateAnswer }): void {
  set(events, number, word.file, known.file);
  set(events, number, word.kind, eventKinds.indexOf(known.kind));
  set(events, number, word.pid, known.pid);
  set(events, number, word.late, lateAnswers.indexOf(known.late));
  Atomics.add(events.slots, wordAt(number, word.turn), 1);
}

function take(events: PendingEvents, number: number): boolean {
  return (
    Atomics.compareExchange(events.slots, wordAt(number, word.state), state.waiting, state.answering) === state.waiting
  );
}

const bytes = Buffer.alloc(answerBytes);

function write(events: PendingEvents, { group, number, allowed }: Answer): void {
  // A written file needs no answer.
  if (get(events, number, word.kind) === 2) return;
  try {
    writeSync(group, writeAnswer(bytes, get(events, number, word.file), allowed ? allow : deny));
  } catch (error) {
    // The opener was killed while it waited: the kernel has dropped the event.
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function wordAt(number: number, part: number): number {
  return number * word.words + part;
}

function get(events: PendingEvents, number: number, part: number): number {
  return Atomics.load(events.slots, wordAt(number, part));
}

function set(events: PendingEvents, number: number, part: number, value: number): void {
  Atomics.store(events.slots, wordAt(number, part), value);
}
