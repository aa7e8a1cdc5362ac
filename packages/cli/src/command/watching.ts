/** Polls repeatedly: redraws the screen for a person, prints changes to a pipe or a program. */
import { CordonError } from '@cordon/sdk/automation';
import type { Invocation } from './command.ts';
import { CommandError, failureText } from './failure.ts';
import { jsonLine } from '../text/text.ts';

export const watchOption = ['--watch', 'Refresh every two seconds until Ctrl-C.'] as const;

/** The result of one poll: for a program, and for a person. */
export interface Look {
  readonly value: unknown;
  readonly text: string;
}

const everyMs = 2000;
const home = '\u001b[H\u001b[2J';

/** Prints one poll, or with `--watch` each one that differs from the previous. Ctrl-C ends it normally. */
export async function printOrWatch(call: Invocation, look: () => Promise<Look>): Promise<void> {
  const first = await look();
  if (!call.flag('watch')) return call.print(first.value, first.text);
  const { out, signal } = call.world;
  let shown = '';
  let text = textOf(call, first);
  while (!signal.aborted) {
    if (out.isTerminal && !call.json) out.write(`${home}${text}\n${footer(call.world.now())}`);
    else if (text !== shown) out.write(text);
    shown = text;
    await nextTurn(signal);
    if (!signal.aborted) text = await lookAgain(call, look, shown);
  }
  if (out.isTerminal && !call.json) out.write('\n');
}

/** A server restart does not end the watch; a terminal shows the failure, and the next poll may succeed. */
async function lookAgain(call: Invocation, look: () => Promise<Look>, shown: string): Promise<string> {
  try {
    return textOf(call, await look());
  } catch (error) {
    const passes = error instanceof CordonError && (error.kind === 'network' || error.kind === 'protocol');
    if (error instanceof CordonError && error.kind === 'aborted') return shown;
    if (!passes || error instanceof CommandError) throw error;
    if (!call.world.out.isTerminal) call.world.err.write(failureText(error));
    return call.world.out.isTerminal && !call.json ? failureText(error) : shown;
  }
}

function textOf(call: Invocation, { value, text }: Look): string {
  return call.json ? `${jsonLine(value)}\n` : text;
}

function footer(now: number): string {
  return `Seen at ${new Date(now).toISOString().slice(11, 19)} UTC; again every ${everyMs / 1000} s, until Ctrl-C.`;
}

async function nextTurn(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, everyMs);
    signal.addEventListener('abort', end, { once: true });
  });
}
