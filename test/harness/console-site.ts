/** Builds the console once per test run. */
import { buildConsole } from '../../tools/console-site.ts';

export async function setup(): Promise<void> {
  await buildConsole();
}
