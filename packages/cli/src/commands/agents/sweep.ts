/** Starts sweeps: agents search their disks for listed files now. */
import { defined } from '../../command/command.ts';
import type { Invocation } from '../../command/command.ts';
import { consoleClient } from '../../connection/connection.ts';
import { usage } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { queryFrom, querySummary } from '../selection/selection.ts';
import { finishTask, startAndFollow } from '../tasks/follow.ts';

export async function sweep(call: Invocation): Promise<ExitCode> {
  const query = queryFrom(call);
  const group = call.option('group');
  const named = querySummary(query) !== '' || group !== undefined;
  if (named === call.flag('all')) {
    throw usage('Name the agents in exactly one way.', 'Name an agent, use the options, or --all for every one.');
  }
  const roots = call.options('root');
  const work = { kind: 'sweep' as const, act: call.flag('act'), roots: roots.length === 0 ? null : roots };
  const body = {
    work,
    ...(querySummary(query) === '' ? {} : { selector: defined(query) }),
    ...defined({ group }),
  };
  return finishTask(call, await startAndFollow(call, await consoleClient(call), body));
}
