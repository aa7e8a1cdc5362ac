/** Runs the link process: connects to the enforcer, gives up root, and only then touches the network. */
import { exitCode } from '../exit.ts';
import { logOf } from '../log.ts';
import { socketPath } from '../ipc/paths.ts';
import type { Environment } from '../ipc/paths.ts';
import { EnforcerConnection } from './enforcer-connection.ts';
import { constantFacts, factsNow } from './facts.ts';
import { Link } from './link.ts';
import { dropPrivileges } from './privileges.ts';

/** The enforcer applies the saved desired state before it opens its socket, and a slow disk may delay that. */
const connectTimeoutMs = 15_000;
const defaultHomeRetryMs = 300_000;

/** Ends with 0 when `stop` asks for it, and with 1 when the enforcer has ended: then this process is restarted. */
export async function runLink(environment: Environment, stop: AbortSignal): Promise<number> {
  const log = logOf('link', Date.now);
  const constants = constantFacts(environment);
  const enforcer = await EnforcerConnection.open(socketPath(environment), connectTimeoutMs, stop);
  log('ready', { uid: dropPrivileges(environment) });
  const link = new Link({
    send: (message) => enforcer.send(message),
    facts: (canIsolate) => factsNow(constants, canIsolate),
    log,
    now: Date.now,
    random: Math.random,
    homeRetryMs: homeRetryMs(environment),
  });
  enforcer.listen((message) => link.fromEnforcer(message));
  const gone = new AbortController();
  void enforcer.ended.then(() => gone.abort());
  await link.run(AbortSignal.any([stop, gone.signal]));
  enforcer.close();
  if (stop.aborted) return 0;
  log('enforcer gone');
  return exitCode.failed;
}

/** CORDON_AGENT_HOME_AFTER, in seconds. */
function homeRetryMs(environment: Environment): number {
  const seconds = Number(environment['CORDON_AGENT_HOME_AFTER']);
  return seconds > 0 ? seconds * 1000 : defaultHomeRetryMs;
}
