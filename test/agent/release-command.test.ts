/** What console and CLI print for a person to type at an isolated endpoint is a command that the agent has. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { releaseCommand } from '@cordon/protocol/console';
import { agentProgram, temporaryFolder } from './paths.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

test('the command that releases an endpoint with a code asks its enforcer', () => {
  const [program, ...args] = releaseCommand('7K3M-Q0VD-WX1Z').split(' ');
  const env = { ...process.env, CORDON_AGENT_STATE: join(folder.path, 'state') };
  const { status, stderr } = spawnSync(process.execPath, [agentProgram, ...args], { env, encoding: 'utf8' });
  expect(program).toBe('cordon-agent');
  expect([status, stderr]).toEqual([1, expect.stringContaining('The enforcer does not answer')]);
});
