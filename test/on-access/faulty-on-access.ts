/** The on-access process with readers that fail on purpose. Everything else is the agent's own. */
import { stopSignal } from '../../packages/agent/src/stop.ts';
import { threadPrograms } from '../../packages/agent/src/on-access/threads.ts';
import { runOnAccess } from '../../packages/agent/src/on-access/run.ts';

const reader = new URL('./faulty-reader.ts', import.meta.url);
process.exit(await runOnAccess(process.env, stopSignal({ withParent: true }), { ...threadPrograms, reader }));
