/** Plain Node over HTTP and HTTPS: hello, the hash of a body, and a list built in one go. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';

const { BASELINE_CERTIFICATE = '', BASELINE_KEY = '', BASELINE_DATABASE = '' } = process.env;

process.on('disconnect', () => process.exit(0));
const http = createServer(hello);
const https = createSecureServer({ cert: readFileSync(BASELINE_CERTIFICATE), key: readFileSync(BASELINE_KEY) }, answer);
http.listen(0, '127.0.0.1', () => {
  https.listen(0, '127.0.0.1', () => process.send?.({ http: portOf(http.address()), https: portOf(https.address()) }));
});

function hello(_request: IncomingMessage, response: ServerResponse): void {
  response.end('hello');
}

function answer(...[request, response]: Parameters<RequestListener>): void {
  if (request.url === '/hash') hash(request, response);
  else if (request.url === '/list') list(response);
  else hello(request, response);
}

function hash(request: IncomingMessage, response: ServerResponse): void {
  const sha256 = createHash('sha256');
  request.on('data', (chunk: Buffer) => sha256.update(chunk));
  request.on('end', () => response.end(sha256.digest('hex')));
}

/** Every agent as the API shows it, by one query, as one text. */
function list(response: ServerResponse): void {
  const database = new DatabaseSync(BASELINE_DATABASE, { readOnly: true });
  const rows = database
    .prepare(
      `select entity_id, product, agents.server_id as managing_server_id, ad_domain, folder as folder_path,
              ip_addresses as ip_address_list, mac_addresses as mac_address_list, host_name,
              reported_isolation as isolation_status, enrolled_at as last_registration_time
       from agents left join presence on agent_number = number where removed_at is null order by number`,
    )
    .all()
    .map((row) => Object.assign(row, { capabilities: ['cmd_isolate_agent', 'cmd_restore_isolated_agent'] }));
  database.close();
  response.end(JSON.stringify({ result_code: 1, result_content: rows }));
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}
