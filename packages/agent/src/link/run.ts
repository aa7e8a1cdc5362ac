/** Runs the link process: connects to the enforcer, gives up root, and only then touches the network. */
import { exitCode } from '../exit.ts';
import { logOf } from '../log.ts';
import { socketPath } from '../ipc/paths.ts';
import type { Environment } from '../ipc/paths.ts';
import { constantFacts, factsNow } from './facts.ts';
import { Link } from './link.ts';
import { Pipe } from './pipe.ts';
import { dropPrivileges } from './privileges.ts';

/** The enforcer applies the saved order before it opens its door, so a slow disk may keep us waiting. */
const patience = 15_000;
const standardHomeAfter = 300;

/** Ends with 0 when `stop` asks for it, and with 1 when the enforcer is gone: whoever started us starts us again. */
export async function runLink(environment: Environment, stop: AbortSignal): Promise<number> {
  const log = logOf('link', Date.now);
  const constants = constantFacts(environment);
  const pipe = await Pipe.open(socketPath(environment), patience, stop);
  log('ready', { uid: dropPrivileges(environment) });
  const link = new Link({
    tell: (message) => pipe.tell(message),
    facts: (canIsolate) => factsNow(constants, canIsolate),
    log,
    now: Date.now,
    random: Math.random,
    homeAfter: homeAfter(environment),
  });
  pipe.listen((message) => link.fromEnforcer(message));
  const gone = new AbortController();
  void pipe.ended.then(() => gone.abort());
  await link.run(AbortSignal.any([stop, gone.signal]));
  pipe.close();
  if (stop.aborted) return 0;
  log('enforcer gone');
  return exitCode.failed;
}

/** CORDON_AGENT_HOME_AFTER, in seconds. */
function homeAfter(environment: Environment): number {
  const seconds = Number(environment['CORDON_AGENT_HOME_AFTER'] ?? standardHomeAfter);
  return (seconds > 0 ? seconds : standardHomeAfter) * 1000;
}
