#!/usr/bin/env node
/** Starts the agent: the built program if there is one, else its source. Says which Node it needs before anything else. */
import { existsSync } from 'node:fs';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `cordon-agent needs Node 24 or newer; this is ${process.versions.node} (${process.execPath}).\n`,
  );
  process.exit(1);
}

const source = new URL('../src/main.ts', import.meta.url);
const { main } = await import(existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href);
process.exit(await main(process.argv.slice(2)));
