/** Packages of this checkout for booted machines, and a server that offers them. */
import { basename } from 'node:path';
import { makeDeb } from '../../tools/package/deb.ts';
import { products } from '../../tools/package/products.ts';
import type { Product } from '../../tools/package/products.ts';
import type { Company } from './company.ts';

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
const offered = '/var/lib/cordon-server/packages';

/** The path of a .deb in `scratch`. */
export async function buildDeb(name: Product['name'], version: string, scratch: string): Promise<string> {
  const product = await products[name]({ architecture, version, scratch });
  return makeDeb(product, { architecture, version, epoch: 1_700_000_000, into: scratch, scratch, compression: 0 });
}

/** The server of this company offers that package, beside those that it offers already. */
export async function offer(company: Company, deb: string): Promise<void> {
  await company.server.bring(deb);
  await company.server.must(
    `mkdir -p ${offered} && cd ${offered} && mv /root/${basename(deb)} . && sha256sum *.deb >SHA256SUMS && chown -R cordon-server .`,
  );
}
