/** Fills a spool in the given folder as fast as it can, and prints what is kept; the test kills it at any moment. */
import { Spool } from '../../packages/agent/src/enforcer/detections/spool.ts';

const [folder = '', life = '0'] = process.argv.slice(2);
const session = `life ${life}`;
let number = 0;
const spool = new Spool({
  folder,
  bounds: { bytes: 64 << 20, segment: 20_000 },
  log: () => undefined,
  kept: (_part, upTo) => process.stdout.write(`${JSON.stringify({ kept: upTo })}\n`),
  grown: () => {
    const batch = spool.batch().map(({ sequence, remark }) => ({ sequence, remark }));
    if (batch.length === 0) return;
    process.stdout.write(`${JSON.stringify({ batch })}\n`);
    // Half the time the server has recorded some of them.
    if (number % 2 === 0) spool.recorded(batch[Math.floor(batch.length / 2)]?.sequence ?? 0);
  },
});

function add(): void {
  for (let index = 0; index < 20; index += 1) {
    number += 1;
    spool.add(
      {
        at: number,
        detectedBy: 'open',
        object: { type: 'file_sha1', content: 'A'.repeat(40) },
        action: 'blocked',
        remark: `${session}, ${number}`,
        count: 1,
        file: null,
        process: null,
        user: null,
        remote: null,
      },
      { worker: 'on-access', session, number },
    );
  }
  setImmediate(add);
}

add();
