/** The console's pages: static files, read once and served from memory. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { extname } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '@cordon/protocol/automation';
import type { Http } from '../server.ts';

/** One file and its compressed forms from the build. */
interface Page {
  readonly plain: Buffer;
  readonly br: Buffer | undefined;
  readonly gzip: Buffer | undefined;
  readonly type: string;
  readonly tag: string;
}

/** Files by their path below `/console/`. */
export type Site = ReadonlyMap<string, Page>;

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Reads the built site; empty when it was never built. */
export async function readSite(folder: URL): Promise<Site> {
  const names = await readdir(folder, { recursive: true }).catch((): string[] => []);
  const known = new Set(names);
  const pages = names
    .filter((name) => types[extname(name)] !== undefined)
    .map(async (name): Promise<[string, Page]> => {
      const read = (suffix: string): Promise<Buffer | undefined> =>
        known.has(name + suffix) ? readFile(new URL(name + suffix, folder)) : Promise.resolve(undefined);
      const plain = await readFile(new URL(name, folder));
      const tag = `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
      return [name, { plain, br: await read('.br'), gzip: await read('.gz'), type: types[extname(name)] ?? '', tag }];
    });
  return new Map(await Promise.all(pages));
}

/**
 * Serves `site` under `/console/`. The bare base is also its start page: clients test their connection there (contract
 * 8, rule 20).
 */
export function siteRoutes(app: Http, site: Site): void {
  const schema = { hide: true };
  for (const path of ['/', '/console', '/console/*']) {
    app.get(path, { schema }, (request, reply) => {
      const name = decodeURIComponent(request.url.split('?')[0] ?? '').replace(/^\/console\/?/i, '');
      if (name.startsWith('assets/')) return sendAsset(request, reply, site.get(name));
      const start = site.get('index.html');
      return start === undefined ? sendUnbuilt(reply) : send(request, fresh(reply), start);
    });
  }
}

/** The name holds a hash of the content, so a browser never needs to ask again. */
function sendAsset(request: FastifyRequest, reply: FastifyReply, page: Page | undefined): FastifyReply {
  if (page === undefined) {
    throw new Refusal('route-unknown', 'This file belongs to another version of the console. Reload the page.');
  }
  void reply.header('cache-control', 'public, max-age=31536000, immutable');
  return send(request, reply, page);
}

/** The start page is revalidated on every request: the files it names change with each version. */
function fresh(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', 'no-cache');
}

function send(request: FastifyRequest, reply: FastifyReply, page: Page): FastifyReply {
  void reply.header('etag', page.tag).header('vary', 'accept-encoding').type(page.type);
  if ((request.headers['if-none-match'] ?? '').includes(page.tag)) return reply.code(304).send();
  const accepted = request.headers['accept-encoding'] ?? '';
  if (page.br !== undefined && /\bbr\b/.test(accepted)) return reply.header('content-encoding', 'br').send(page.br);
  if (page.gzip !== undefined && /\bgzip\b/.test(accepted)) {
    return reply.header('content-encoding', 'gzip').send(page.gzip);
  }
  return reply.send(page.plain);
}

function sendUnbuilt(reply: FastifyReply): FastifyReply {
  return fresh(reply).type('text/html; charset=utf-8').send(unbuilt);
}

const unbuilt = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Cordon</title>
  </head>
  <body>
    <main>
      <h1>Cordon is running, and its console is not built</h1>
      <p>Build it once with <code>npm run console</code>, then start the server again. The API works without it.</p>
    </main>
  </body>
</html>
`;
