#!/usr/bin/env node
/** Starts the server where Node is new enough, and says what is needed where it is not. */
import { existsSync } from 'node:fs';

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(`cordon-server needs Node 24 or newer; this is ${process.version}.\n`);
  process.exit(1);
}
const source = new URL('../src/main.ts', import.meta.url);
// In a checkout the console may not be built yet; in an installed package it always is, and this tool is not there.
const builder = new URL('../../../tools/console-site.ts', import.meta.url);
if (existsSync(source) && existsSync(builder)) {
  const { buildConsole } = await import(builder.href);
  await buildConsole().catch((error) => process.stderr.write(`The console could not be built: ${error}\n`));
}
await import(existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href);
