/** `--timeout`: how long a command waits for agents. */
import type { Invocation, Option } from './command.ts';
import { usage } from './failure.ts';

const defaultSeconds = 300;

export const timeoutOption: Option = ['--timeout <time>', 'How long to wait: 90s, 5m (default 5m).'];

export function timeoutFrom(call: Invocation): number {
  const seconds = call.seconds('timeout', '90s, 5m or 1h') ?? defaultSeconds;
  if (seconds > 0) return seconds;
  throw usage('The time to wait is zero.', 'Write it like 90s, 5m or 1h.');
}
