/**
 * The agent as it is installed: compiled. Run from TypeScript sources, each thread also has Node's compiler in memory,
 * some 15 MB that no endpoint pays.
 */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { pack } from '../../tools/pack.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const dependencies = ['koffi', '@koromix', 'ws'] as const;

export interface BuiltAgent {
  readonly program: string;
  readonly remove: () => void;
}

export async function buildAgent(): Promise<BuiltAgent> {
  const folder = mkdtempSync(join(tmpdir(), 'cordon-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    await stage(folder);
  } catch (error) {
    remove();
    throw error;
  }
  return { program: join(folder, 'agent/bin/cordon-agent.mjs'), remove };
}

async function stage(folder: string): Promise<void> {
  // Link gives up root, and loads some modules afterwards.
  chmodSync(folder, 0o755);
  await pack(pathToFileURL(`${folder}/`));
  const [source, agent, modules] = [
    join(repository, 'packages/agent'),
    join(folder, 'agent'),
    join(folder, 'node_modules'),
  ];
  for (const name of ['dist', 'bin', 'package.json'])
    cpSync(join(source, name), join(agent, name), { recursive: true });
  mkdirSync(join(modules, '@cordon'), { recursive: true });
  symlinkSync(join(folder, 'protocol'), join(modules, '@cordon/protocol'));
  for (const name of dependencies) symlinkSync(join(repository, 'node_modules', name), join(modules, name));
}
