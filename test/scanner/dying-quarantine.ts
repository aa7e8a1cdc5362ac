/** A quarantine in a process of its own that kills itself at a step: arguments are folder, step, and action. */
import { lstatSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { fileCalls } from '../../packages/agent/src/kernel/file-calls.ts';
import { Quarantine } from '../../packages/agent/src/scanner/quarantine/quarantine.ts';

const [folder = '', desired = '', what = '{}'] = process.argv.slice(2);
const calls = fileCalls();
const quarantine = new Quarantine({
  calls,
  folder,
  step: (step) => {
    if (step === desired) process.kill(process.pid, 'SIGKILL');
  },
});
const { take, restore }: { take?: string; restore?: string } = JSON.parse(what);
if (take !== undefined) {
  const { dev, ino } = lstatSync(take);
  const sha1 = createHash('sha1').update(readFileSync(take)).digest('hex').toUpperCase();
  quarantine.take({
    path: Buffer.from(take),
    device: dev,
    inode: ino,
    sha1,
    object: { type: 'file_sha1', content: sha1 },
    detectedBy: 'sweep',
    now: 5,
    usedBy: () => [],
  });
}
if (restore !== undefined) quarantine.restore(restore);
