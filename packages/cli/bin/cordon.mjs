#!/usr/bin/env node
// Starts the command line under Node 24 or newer, from whatever Node the shell found first. Old syntax on purpose.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const oldest = 24;
const here = dirname(fileURLToPath(import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= oldest) await run();
else handOver();

async function run() {
  // Keeps compiled and type-stripped code between runs; half of a short command's time otherwise goes there.
  nodeModule.enableCompileCache();
  const source = join(here, '..', 'src', 'main.ts');
  const { start } = await import(existsSync(source) ? '../src/main.ts' : '../dist/main.js');
  process.exitCode = await start();
}

/** The repository brings a Node 24 of its own among its dependencies. */
function handOver() {
  const own = join(here, '..', '..', '..', 'node_modules', '.bin', 'node');
  if (!existsSync(own)) {
    process.stderr.write(
      `cordon: it runs on Node ${oldest} or newer; this is ${process.version}.\n` +
        `Install Node ${oldest} (https://nodejs.org), or run "npm ci" in the repository, which brings one.\n`,
    );
    process.exitCode = 1;
    return;
  }
  // A terminal sends Ctrl-C to both; this one stays to hand on how the other ended.
  process.on('SIGINT', () => {});
  const child = spawnSync(own, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  if (child.error) throw child.error;
  if (child.signal) process.kill(process.pid, child.signal);
  process.exitCode = child.status;
}
