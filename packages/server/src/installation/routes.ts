/** `install.sh` and the packages: for endpoints that have nothing of ours yet. */
import { Refusal } from '@cordon/protocol/automation';
import type { Http } from '../http/server.ts';
import { installScript } from './install-script.ts';
import type { InstallScriptFacts } from './install-script.ts';
import { sourceOf } from '../http/source.ts';
import type { Packages } from './packages.ts';

export interface DownloadLimits {
  /** At a time: at 30 MB each, strangers shall not take the line from the agents. */
  readonly maxDownloads: number;
  /** Of one address at a time; many endpoints may share one. */
  readonly maxForSource: number;
  /** Without a byte taken for so long, a download ends. */
  readonly stallTimeoutMs: number;
}

const productionLimits: DownloadLimits = { maxDownloads: 32, maxForSource: 16, stallTimeoutMs: 30_000 };

export function installationRoutes(
  scope: Http,
  { packages, facts }: { readonly packages: Packages; readonly facts: () => InstallScriptFacts },
  limits: DownloadLimits = productionLimits,
): void {
  const downloads = new Downloads(limits);
  const schema = { hide: true };
  scope.get('/install.sh', { schema }, (_request, reply) =>
    reply.type('text/x-shellscript; charset=utf-8').header('cache-control', 'no-store').send(installScript(facts())),
  );
  scope.get('/packages/SHA256SUMS', { schema }, async (_request, reply) => {
    const lines = (await packages.list()).map(({ name, digest }) => `${digest}  ${name}\n`);
    return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-store').send(lines.join(''));
  });
  scope.get('/packages/:name', { schema }, async (request, reply) => {
    const free = downloads.begin(sourceOf(request));
    if (free === undefined) {
      void reply.header('retry-after', '10');
      throw new Refusal(
        'server-busy',
        'This server sends as many packages as it does at a time. Try again in ten seconds.',
      );
    }
    try {
      const found = await packages.open(String(Object(request.params).name));
      if (!found)
        throw new Refusal('route-unknown', 'This server offers no package of this name. See /packages/SHA256SUMS.');
      found.content.once('close', free);
      // A client that takes nothing would keep its place for ever.
      reply.raw.setTimeout(limits.stallTimeoutMs, () => reply.raw.destroy());
      return reply.type('application/octet-stream').header('content-length', found.bytes).send(found.content);
    } catch (error) {
      free();
      throw error;
    }
  });
}

class Downloads {
  readonly #limits: DownloadLimits;
  readonly #of = new Map<string, number>();
  #all = 0;

  constructor(limits: DownloadLimits) {
    this.#limits = limits;
  }

  /** Ends it, when it is called for the first time; undefined when there are too many. */
  begin(source: string): (() => void) | undefined {
    const own = this.#of.get(source) ?? 0;
    if (this.#all >= this.#limits.maxDownloads || own >= this.#limits.maxForSource) return undefined;
    this.#all += 1;
    this.#of.set(source, own + 1);
    let isRunning = true;
    return () => {
      if (!isRunning) return;
      isRunning = false;
      this.#all -= 1;
      const left = (this.#of.get(source) ?? 1) - 1;
      if (left > 0) this.#of.set(source, left);
      else this.#of.delete(source);
    };
  }
}
