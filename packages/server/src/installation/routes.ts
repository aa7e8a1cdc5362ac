/** `install.sh` and the packages: for endpoints that have nothing of ours yet. */
import { Refusal } from '@cordon/protocol/automation';
import type { Http } from '../http/server.ts';
import { installScript } from './install-script.ts';
import type { InstallScriptFacts } from './install-script.ts';
import type { Packages } from './packages.ts';

/** Of all downloads at a time: at 30 MB each, strangers shall not take the line from the agents. */
const maxDownloads = 32;
/** Without a byte taken for so long, a download ends. */
const stalledMs = 30_000;

export function installationRoutes(scope: Http, packages: Packages, facts: () => InstallScriptFacts): void {
  let downloads = 0;
  const schema = { hide: true };
  scope.get('/install.sh', { schema }, (_request, reply) =>
    reply.type('text/x-shellscript; charset=utf-8').header('cache-control', 'no-store').send(installScript(facts())),
  );
  scope.get('/packages/SHA256SUMS', { schema }, async (_request, reply) => {
    const lines = (await packages.list()).map(({ name, digest }) => `${digest}  ${name}\n`);
    return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store').send(lines.join(''));
  });
  scope.get('/packages/:name', { schema }, async (request, reply) => {
    if (downloads >= maxDownloads) {
      void reply.header('retry-after', '10');
      throw new Refusal(
        'server-busy',
        `This server sends ${maxDownloads} packages at this moment. Try again in ten seconds.`,
      );
    }
    downloads += 1;
    const free = (): void => {
      downloads -= 1;
    };
    try {
      const found = await packages.open(String(Object(request.params).name));
      if (!found)
        throw new Refusal('route-unknown', 'This server offers no package of this name. See /packages/SHA256SUMS.');
      found.content.once('close', free);
      // A client that takes nothing would keep its place for ever.
      reply.raw.setTimeout(stalledMs, () => reply.raw.destroy());
      return reply.type('application/octet-stream').header('content-length', found.bytes).send(found.content);
    } catch (error) {
      free();
      throw error;
    }
  });
}
