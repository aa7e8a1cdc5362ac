/**
 * Runs a program of this repository under Node 24, from whatever Node is on the machine.
 *
 *   node tools/with-node24.cjs <program.ts> [arguments]
 *
 * Installs the locked dependencies first where they are missing or old (Node 24 itself is one of them, see
 * docs/decisions/0001), so that `npm start` is all there is to type on a fresh clone. Plain CommonJS in old
 * syntax on purpose: it must run on Nodes that cannot run anything else here.
 */
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '..');
const oldest = 24;

main();

function main() {
  const program = process.argv[2];
  if (!program) fail('usage: node tools/with-node24.cjs <program.ts> [arguments]');
  if (majorOf(process.version) < 18) fail(`npm ci needs Node 18 or newer; this is ${process.version}.`);
  installWhereNeeded();
  handOver(node24(), [path.join(root, program), ...process.argv.slice(3)]);
}

/** `npm ci` when node_modules was not made from this lock file; a stamp makes the second start quick. */
function installWhereNeeded() {
  const stamp = path.join(root, 'node_modules', '.cordon-installed');
  const desired = createHash('sha256')
    .update(fs.readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');
  if (readOr(stamp, '') === desired) return;
  process.stderr.write('Installing the locked dependencies (npm ci) …\n');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (npm.error) fail(`npm could not be started: ${npm.error.message}`);
  if (npm.status !== 0) fail(`npm ci ended with status ${npm.status}; what it says above is the cause.`);
  fs.writeFileSync(stamp, desired);
}

function node24() {
  if (majorOf(process.version) >= oldest) return process.execPath;
  const own = path.join(root, 'node_modules', '.bin', 'node');
  if (fs.existsSync(own)) return own;
  return fail(
    `Cordon runs on Node ${oldest} or newer; this is ${process.version}, and no packaged Node ${oldest} exists for ` +
      `${process.platform}-${process.arch}. Install Node ${oldest} and run this again.`,
  );
}

/** Becomes the program as far as a shell can tell: same terminal, same signals, same exit status. */
function handOver(node, args) {
  const child = spawn(node, args, { stdio: 'inherit', cwd: root, env: { ...process.env, PATH: withNodeFirst(node) } });
  // A terminal sends Ctrl-C to the whole group, so the child has it already; a service manager signals us alone.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${node} could not be started: ${error.message}`));
  child.on('exit', (status, signal) => {
    if (signal === null) process.exit(status);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function withNodeFirst(node) {
  return path.dirname(node) + path.delimiter + (process.env.PATH || '');
}

function majorOf(version) {
  return Number(/^v(\d+)/.exec(version)[1]);
}

function readOr(file, otherwise) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

function fail(sentence) {
  process.stderr.write(sentence + '\n');
  process.exit(1);
}
