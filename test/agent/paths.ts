/** The path of the agent's program, and a temporary folder for its state. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const agentProgram = fileURLToPath(new URL('../../packages/agent/bin/cordon-agent.mjs', import.meta.url));

export function testProgram(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'cordon-agent-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
