/**
 * The openings that wait for an answer, in memory that all threads share, so that each is answered exactly once.
 *
 * Readers and the hasher put a case on the desk before they look at its file; the main thread watches the desk and
 * answers in their place when time is up, or when they have died. A descriptor is closed by whoever owns the case, and
 * only after the answer is written: a closed number may name the next case at once.
 */
import { writeSync } from 'node:fs';
import { allow, answerBytes, deny, writeAnswer } from '../../kernel/fanotify.ts';
import type { FileEvent, Group, Question } from '../../kernel/fanotify.ts';

/** Two readers at work and one in reserve; the others take the place of those that are stuck. */
export const readerCases = 8;
const hasherCases = 256;
export const allCases: number = readerCases + hasherCases;
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
const word = { state: 0, file: 1, question: 2, turn: 3, pid: 4, late: 5, words: 6 } as const;
/** `reserved` is nobody's business but of the thread that fills it in. */
const state = { free: 0, reserved: 1, waiting: 2, answering: 3, answered: 4 } as const;
const questions = ['open', 'execute', 'written'] as const satisfies readonly Question[];

export interface Case extends FileEvent {
  /** Counts on, so that a case is not taken for the one before it. */
  readonly turn: number;
}

/** How the main thread has answered in the place of those who should have. */
export type Late = 'no' | 'allowed' | 'denied';
const lates = ['no', 'allowed', 'denied'] as const satisfies readonly Late[];

export interface Desk {
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly cases: Int32Array<SharedArrayBuffer>;
}

export function newDesk(): Desk {
  return {
    control: new Int32Array(new SharedArrayBuffer(control.words * 4)),
    cases: new Int32Array(new SharedArrayBuffer(allCases * word.words * 4)),
  };
}

/** Grows whenever threads have something to learn from the main thread. */
export function generation(desk: Desk): number {
  return Atomics.load(desk.control, control.generation);
}

export function announce(desk: Desk): void {
  Atomics.add(desk.control, control.generation, 1);
}

export interface Settings {
  readonly enforcing: boolean;
  readonly denyExecution: boolean;
}

export function settle(desk: Desk, { enforcing, denyExecution }: Settings): void {
  Atomics.store(desk.control, control.enforcing, Number(enforcing));
  Atomics.store(desk.control, control.denyExecution, Number(denyExecution));
}

export function isEnforcing(desk: Desk): boolean {
  return Atomics.load(desk.control, control.enforcing) === 1;
}

export function trust(desk: Desk, pids: readonly number[]): void {
  const taken = pids.slice(0, maxTrusted);
  for (const [index, pid] of taken.entries()) Atomics.store(desk.control, control.trusted + index, pid);
  Atomics.store(desk.control, control.trustedCount, taken.length);
}

export function isTrusted(desk: Desk, pid: number): boolean {
  const count = Atomics.load(desk.control, control.trustedCount);
  for (let index = 0; index < count; index += 1)
    if (Atomics.load(desk.control, control.trusted + index) === pid) return true;
  return false;
}

/** Puts a case on the desk: from now on the main thread answers it when we do not. */
export function begin(desk: Desk, number: number, { file, question, pid }: FileEvent): void {
  fill(desk, number, { file, question, pid, late: 'no' });
  set(desk, number, word.state, state.waiting);
}

export function finish(desk: Desk, number: number): void {
  set(desk, number, word.state, state.free);
}

export function caseAt(desk: Desk, number: number): Case | undefined {
  const now = get(desk, number, word.state);
  if (now === state.free || now === state.reserved) return undefined;
  return { ...eventAt(desk, number), turn: get(desk, number, word.turn) };
}

export function isWaiting(desk: Desk, number: number): boolean {
  return get(desk, number, word.state) === state.waiting;
}

/** Of a case that is still waiting; changes with each case in the same place. */
export function turnOf(desk: Desk, number: number): number {
  return get(desk, number, word.turn);
}

export interface Answer {
  readonly group: Group;
  readonly number: number;
  readonly allowed: boolean;
}

/** Answers a case of our own. Tells whether the main thread was there before us, and how it has answered. */
export function answer(desk: Desk, { group, number, allowed }: Answer): Late {
  if (take(desk, number)) {
    write(desk, { group, number, allowed });
    set(desk, number, word.state, state.answered);
    return 'no';
  }
  return howAnswered(desk, number);
}

/** Answers in the place of the owner, unless it has just done so itself. */
export function answerLate(desk: Desk, group: Group, number: number): Late | undefined {
  if (!take(desk, number)) return undefined;
  const denied = get(desk, number, word.question) === 1 && Atomics.load(desk.control, control.denyExecution) === 1;
  try {
    write(desk, { group, number, allowed: !denied });
  } finally {
    const late = denied ? 'denied' : 'allowed';
    set(desk, number, word.late, lates.indexOf(late));
    set(desk, number, word.state, state.answered);
    Atomics.notify(desk.cases, placeOf(number, word.state));
  }
  return denied ? 'denied' : 'allowed';
}

/** Moves a reader's case to a free place of the hasher; undefined when there is none. */
export function handOver(desk: Desk, from: number): number | undefined {
  const to = reserve(desk);
  if (to === undefined) return undefined;
  const isMoved =
    Atomics.compareExchange(desk.cases, placeOf(from, word.state), state.waiting, state.free) === state.waiting;
  const late = isMoved ? 'no' : howAnswered(desk, from);
  fill(desk, to, { ...eventAt(desk, from), late });
  set(desk, to, word.state, isMoved ? state.waiting : state.answered);
  if (!isMoved) finish(desk, from);
  return to;
}

export function wakeHasher(desk: Desk): void {
  Atomics.add(desk.control, control.work, 1);
  Atomics.notify(desk.control, control.work);
}

/** Waits until there is more work than was `seen`; to `look` tells how much there is, at once. */
export function awaitWork(desk: Desk, seen: number | 'look'): number {
  if (seen !== 'look') Atomics.wait(desk.control, control.work, seen);
  return Atomics.load(desk.control, control.work);
}

/** How the main thread has answered. It may be doing so at this moment, which takes microseconds. */
function howAnswered(desk: Desk, number: number): Late {
  const place = placeOf(number, word.state);
  while (Atomics.load(desk.cases, place) === state.answering) Atomics.wait(desk.cases, place, state.answering, 1);
  return lates[get(desk, number, word.late)] ?? 'no';
}

function eventAt(desk: Desk, number: number): FileEvent {
  return {
    file: get(desk, number, word.file),
    question: questions[get(desk, number, word.question)] ?? 'open',
    pid: get(desk, number, word.pid),
  };
}

function reserve(desk: Desk): number | undefined {
  for (let number = readerCases; number < allCases; number += 1)
    if (Atomics.compareExchange(desk.cases, placeOf(number, word.state), state.free, state.reserved) === state.free)
      return number;
  return undefined;
}

function fill(desk: Desk, number: number, known: FileEvent & { late: Late }): void {
  set(desk, number, word.file, known.file);
  set(desk, number, word.question, questions.indexOf(known.question));
  set(desk, number, word.pid, known.pid);
  set(desk, number, word.late, lates.indexOf(known.late));
  Atomics.add(desk.cases, placeOf(number, word.turn), 1);
}

function take(desk: Desk, number: number): boolean {
  return (
    Atomics.compareExchange(desk.cases, placeOf(number, word.state), state.waiting, state.answering) === state.waiting
  );
}

const bytes = Buffer.alloc(answerBytes);

function write(desk: Desk, { group, number, allowed }: Answer): void {
  // What was written already needs no leave.
  if (get(desk, number, word.question) === 2) return;
  try {
    writeSync(group, writeAnswer(bytes, get(desk, number, word.file), allowed ? allow : deny));
  } catch (error) {
    // The opener was killed while it waited: the kernel has forgotten the question.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

function placeOf(number: number, part: number): number {
  return number * word.words + part;
}

function get(desk: Desk, number: number, part: number): number {
  return Atomics.load(desk.cases, placeOf(number, part));
}

function set(desk: Desk, number: number, part: number, value: number): void {
  Atomics.store(desk.cases, placeOf(number, part), value);
}
