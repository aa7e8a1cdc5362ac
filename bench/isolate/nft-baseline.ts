/**
 * Isolation without Cordon: `nft-baseline.ts <ruleset>` spawns `nft -f -` with the rules of an isolation, and removes
 * them again. It takes commands as JSON lines inside the endpoint's namespace.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

// Under another name and without an owner, or the agent would consider the tables its own and remove them.
const rules = (process.argv[2] ?? '')
  .replaceAll(/ # progname .*\n\tflags .*\n/g, '\n')
  .replaceAll(/^table (\w+) cordon/gm, 'table $1 baseline');
const families = [...rules.matchAll(/^table (\w+) baseline/gm)].map((match) => match[1] ?? '');

createInterface({ input: process.stdin })
  .on('line', (line) => void obey(JSON.parse(line)))
  .on('close', () => process.exit(0));

async function obey(command: { do: 'cut' | 'release' }): Promise<void> {
  if (command.do === 'release') {
    for (const family of families) execFileSync('nft', ['delete', 'table', family, 'baseline']);
    return print({ event: 'released' });
  }
  const from = String(process.hrtime.bigint());
  const child = spawn('nft', ['-f', '-'], { stdio: ['pipe', 'inherit', 'inherit'] });
  child.stdin.end(rules);
  const [code]: unknown[] = await once(child, 'exit');
  print(code === 0 ? { event: 'cut', from } : { event: 'failed' });
}

function print(event: object): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}
