/** Starts sweeps: agents search their disks for listed files now. */
import type { Invocation } from '../../command/command.ts';
import { consoleClient } from '../../connection/connection.ts';
import { exitCodes, usage } from '../../command/failure.ts';
import type { ExitCode } from '../../command/failure.ts';
import { given, queryFrom, querySummary } from '../selection/selection.ts';
import { askAndFollow } from '../tasks/follow.ts';
import { summaryOf } from '../tasks/task-text.ts';

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
    ...(querySummary(query) === '' ? {} : { selector: given(query) }),
    ...(group === undefined ? {} : { group }),
  };
  const details = await askAndFollow(call, await consoleClient(call), body);
  call.print(details, summaryOf(details, call.world.out));
  return details.task.failed > 0 ? exitCodes.failed : exitCodes.done;
}
