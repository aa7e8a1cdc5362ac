/** The receiver in the documentation, run as it is printed there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { databaseKinds } from '../harness/databases.ts';
import { freePort } from '../harness/free-port.ts';
import { Site } from './site.ts';

const page = new URL('../../docs/operating/notifications.md', import.meta.url);

it('takes what this server sends, and nothing that somebody else signed', async () => {
  const [sqlite] = databaseKinds();
  if (sqlite === undefined) throw new Error('There is no database.');
  const site = await Site.open(sqlite);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const { secret, webhook } = await site.console.webhooks.add({ name: 'sample', url });
  const sample = /```python\n(.*?)```/s.exec(await readFile(page, 'utf8'))?.[1] ?? '';
  const python = spawn('python3', ['-c', sample], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, WEBHOOK_SECRET: secret, PORT: String(port) },
  });
  try {
    const lines = createInterface({ input: python.stdout });
    expect(await once(lines, 'line')).toEqual([`listening on ${port}`]);
    const printed = once(lines, 'line');
    expect(await site.console.webhooks.test(webhook.id)).toMatchObject({ status: 204, error: null });
    expect(await printed).toEqual(['test None']);
    const other = await site.console.webhooks.add({ name: 'stranger', url });
    expect(await site.console.webhooks.test(other.webhook.id)).toMatchObject({ status: 401 });
  } finally {
    python.kill();
    await site.close();
  }
});
