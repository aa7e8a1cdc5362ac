/** `cordon-server` for tests: as in production, except that hashing a password is cheap. */
import { runCommand } from '../../packages/server/src/command.ts';

await runCommand(process.argv.slice(2), { passwordCost: { N: 16, r: 8, p: 1 } });
