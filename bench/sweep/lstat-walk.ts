/** The minimum work: reads every folder below `lstat-walk.ts <tree>`, and the size of every file. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const from = performance.now();
const before = process.cpuUsage();
const ahead = [process.argv[2] ?? ''];
let files = 0;
for (let folder = ahead.pop(); folder !== undefined; folder = ahead.pop()) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) ahead.push(path);
    else if (lstatSync(path).isFile()) files += 1;
  }
}
const { user, system } = process.cpuUsage(before);
const cpu = (user + system) / 1000;
process.stdout.write(`${JSON.stringify({ files, found: 0, took: performance.now() - from, cpu })}\n`);
