/** Sees to it that the console is built, once for a run of the tests. */
import { buildConsole } from '../../tools/console-site.ts';

export async function setup(): Promise<void> {
  await buildConsole();
}
