/** The main thread of on-access with nothing to watch: it looks for mounts at intervals, and does nothing else. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { FanotifyCalls } from '../kernel/fanotify.ts';
import { SystemCallError } from '../kernel/library.ts';
import type { FileRule, FromOnAccess, ToOnAccess } from '../ipc/worker-messages.ts';
import { threadPrograms } from './threads.ts';
import { TrustedProcesses } from './reader/trusted-processes.ts';
import { OnAccess } from './on-access.ts';

const rule: FileRule = {
  type: 'file',
  sha1: 'A'.repeat(40),
  size: 1,
  action: 'block',
  expiresAt: null,
  confirmed: false,
};
const off = settings('off');
const enforcing = settings('enforce');
const lookIntervalMs = 1000;

let watch: OnAccess;
let states: string[];
/** Each reconciliation asks which processes to trust. */
let looks: { readonly mock: { readonly calls: readonly unknown[] } };

beforeEach(() => {
  states = [];
  looks = vi.spyOn(TrustedProcesses.prototype, 'pids');
  watch = new OnAccess({
    calls: noKernel,
    only: [],
    programs: threadPrograms,
    log: () => undefined,
    send: (message: Exclude<FromOnAccess, { type: 'hello' }>) => {
      if (message.type === 'state') states.push(message.state);
    },
    requestRules: () => undefined,
  });
});

afterEach(async () => {
  await watch.stop();
  vi.restoreAllMocks();
});

function settings(mode: 'off' | 'enforce'): ToOnAccess {
  return { type: 'on-access-settings', mode, execAtDeadline: 'allow', deadline: 400 };
}

/** A kernel that refuses, as it does for users other than root. */
const noKernel: FanotifyCalls = {
  open: () => {
    throw new SystemCallError('fanotify_init', 1);
  },
  watch: unused,
  ignore: unused,
  askAgain: unused,
  askAgainAll: unused,
  unwatchAll: unused,
  hasNoWriter: unused,
  endNow: unused,
};

function unused(): never {
  throw new Error('Nothing is watched here.');
}

test.each([
  ['it is switched off', [off], [rule], 'off'],
  ['nothing is listed', [enforcing], [], 'on'],
  ['the kernel does not let it', [enforcing], [rule], 'unable'],
] as const)('while %s', async (_why, [mode], files, state) => {
  watch.receive({ type: 'protected-files', package: '', always: '' });
  watch.receive({ type: 'rules', revision: 1, files: [...files] });
  watch.receive(mode);
  await vi.waitFor(() => expect(states.at(-1)).toBe(state), 10_000);
  const [before, began] = [looks.mock.calls.length, performance.now()];
  await sleep(500);
  const most = 2 + (performance.now() - began) / lookIntervalMs;
  expect(looks.mock.calls.length - before).toBeLessThanOrEqual(most);
});

test('what comes while it looks is followed at once', async () => {
  watch.receive(off);
  watch.receive({ type: 'rules', revision: 1, files: [] });
  await vi.waitFor(() => expect(looks.mock.calls.length).toBeGreaterThan(0), 10_000);
  watch.receive(enforcing);
  await vi.waitFor(() => expect(states).toContain('on'), 10_000);
});
