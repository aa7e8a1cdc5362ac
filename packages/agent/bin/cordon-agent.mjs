#!/usr/bin/env node
/** Starts the agent: the built program if there is one, else its source. Says which Node it needs before anything else. */
import { existsSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `cordon-agent needs Node 24 or newer; this is ${process.versions.node} (${process.execPath}).\n`,
  );
  process.exit(1);
}

// Several of these run on each endpoint, and each of their threads has a heap. V8 would let what is new there grow to 32 MB
// before it looks for garbage, and compile twice over what starts once. What runs often is still compiled (TurboFan).
for (const flag of ['--semi-space-growth-factor=1', '--no-maglev']) setFlagsFromString(flag);

const source = new URL('../src/main.ts', import.meta.url);
const { main } = await import(existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href);
process.exit(await main(process.argv.slice(2)));
