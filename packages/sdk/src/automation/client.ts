/** The client of the Automation API, for Cordon and for Apex Central alike. */
import type { TokenAlgorithm } from '@cordon/protocol/signing';
import { Agents } from './agents.ts';
import { parseBaseUrl } from '../transport/base-url.ts';
import { usage } from '../errors.ts';
import { Objects } from './objects.ts';
import type { RetryOptions } from '../transport/retrying.ts';
import { Servers } from './servers.ts';
import { signedApi } from './signed-api.ts';
import { fetchTransport } from '../transport/transport.ts';
import type { Transport } from '../transport/transport.ts';

export interface ClientOptions {
  /** The server's URL, `https://cordon.example:8443`; a trailing slash or a pasted console page is fine. */
  readonly url: string;
  readonly applicationId: string;
  /** Signs the requests; never sent. */
  readonly apiKey: string;
  /** `fetch` by default. In Node, `@cordon/sdk/node` has transports that pin a certificate or trust an authority. */
  readonly transport?: Transport;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly algorithm?: TokenAlgorithm;
  /** Reads, and requests that never reached the server, are tried three times by default. */
  readonly retries?: RetryOptions;
}

export class Client {
  readonly agents: Agents;
  readonly servers: Servers;
  readonly objects: Objects;

  constructor(options: ClientOptions) {
    if (options.applicationId === '' || options.apiKey === '') {
      throw usage(
        'Requests need an application ID and its API key.',
        'The server shows both when an application is added.',
      );
    }
    const { applicationId, apiKey, transport = fetchTransport, now = Date.now, algorithm = 'HS256' } = options;
    const { retries = {} } = options;
    const base = parseBaseUrl(options.url);
    const api = signedApi({ base, applicationId, apiKey, algorithm, transport, now, retries });
    this.agents = new Agents(api, now);
    this.servers = new Servers(api);
    this.objects = new Objects(api);
  }
}
