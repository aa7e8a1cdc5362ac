/** `cordon-server` as tests start it: the same but for passwords that cost next to nothing to hash. */
import { runCommand } from '../../packages/server/src/command.ts';

await runCommand(process.argv.slice(2), { passwordCost: { N: 16, r: 8, p: 1 } });
