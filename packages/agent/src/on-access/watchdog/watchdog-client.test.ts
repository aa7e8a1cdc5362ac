/** The client of the watchdog, with a real one behind a name that can be removed. */
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { entryPoint } from '../../entry.ts';
import { WatchdogClient } from './watchdog-client.ts';

const wait = { timeout: 20_000 };

let folder: string;
let program: string;
let logged: string[];
let watchdog: WatchdogClient;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordon-watchdog-'));
  program = join(folder, 'node');
  symlinkSync(process.execPath, program);
  logged = [];
  watchdog = new WatchdogClient((event) => void logged.push(event), [program, entryPoint(), 'watchdog']);
});

afterEach(() => {
  watchdog.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a watchdog that cannot be started is started as soon as it can', { timeout: 180_000 }, async () => {
  await watchdog.start();
  const first = watchdog.pid ?? 0;
  rmSync(program);
  process.kill(first, 'SIGKILL');
  await vi.waitFor(() => expect(logged.filter((one) => one === 'watchdog failed').length).toBeGreaterThan(1), wait);
  expect(watchdog.pid).toBeUndefined();
  symlinkSync(process.execPath, program);
  await vi.waitFor(() => expect(watchdog.pid).toBeDefined(), wait);
  expect(watchdog.pid).not.toBe(first);
});

test(
  'a first one that cannot be started is no start, and no second one is made beside it',
  { timeout: 180_000 },
  async () => {
    rmSync(program);
    await expect(watchdog.start()).rejects.toThrow(/ENOENT/);
    symlinkSync(process.execPath, program);
    await vi.waitFor(() => expect(watchdog.pid).toBeDefined(), wait);
    const { pid } = watchdog;
    await watchdog.start();
    expect(watchdog.pid).toBe(pid);
  },
);
