/** Lists the product servers that manage agents. */
import { productServersPath } from '@cordon/protocol/words';
import type { CallOptions } from './agents.ts';
import { Fields, recordsIn } from '../reading.ts';
import type { SignedApi } from './signed-api.ts';

export interface Server {
  readonly entityId: string;
  readonly hostName: string;
  readonly product: string;
  readonly addresses: readonly string[];
  readonly adDomain: string;
  /** As the wire spells them. */
  readonly capabilities: readonly string[];
}

export interface ServerQuery {
  readonly entityId?: string | undefined;
  readonly hostName?: string | undefined;
  readonly ipAddress?: string | undefined;
  readonly product?: string | undefined;
}

export class Servers {
  readonly #api: SignedApi;

  constructor(api: SignedApi) {
    this.#api = api;
  }

  async list(query: ServerQuery = {}, options: CallOptions = {}): Promise<Server[]> {
    const wire = {
      entity_id: query.entityId,
      host_name: query.hostName,
      ip_address: query.ipAddress,
      product: query.product,
    };
    const { signal } = options;
    const { content } = await this.#api({ method: 'GET', path: productServersPath, query: wire, signal });
    return recordsIn(content).map(readServer);
  }
}

function readServer(value: unknown): Server {
  const fields = new Fields(value);
  return {
    entityId: fields.text('entity_id'),
    hostName: fields.text('host_name'),
    product: fields.text('product'),
    addresses: fields.list('ip_address_list'),
    adDomain: fields.text('ad_domain'),
    capabilities: fields.list('capabilities'),
  };
}
