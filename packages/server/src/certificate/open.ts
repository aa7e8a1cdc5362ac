/** Opens the certificate that this node shows, and makes sure that the agents trust its key. */
import { countAgents } from '../agents/table.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import type { Sealer } from '../secrets/sealing.ts';
import { step } from '../start-failure.ts';
import type { Step } from '../start-failure.ts';
import { loadCertificate } from '../secrets/certificate.ts';
import { keyOnDisk, ownCertificate, ownFiles } from './own-certificate.ts';
import { ownKey } from './own-key.ts';
import { PublicKeyPins } from './pins.ts';
import { ServerCertificate } from '../secrets/server-certificate.ts';

export interface CertificateDeps {
  readonly config: Config;
  readonly database: Database;
  readonly sealer: Sealer;
  readonly now: () => number;
}

/** The names of a self-made certificate. */
export function hostsOf({ advertise }: Pick<Config, 'advertise'>): string[] {
  return [...new Set(['localhost', '127.0.0.1', '::1', ...advertise.map((address) => address.host)])];
}

/** Refuses a certificate whose key no agent trusts: all of them would refuse this server. */
export async function openCertificate({
  config,
  database,
  sealer,
  now,
}: CertificateDeps): Promise<{ certificate: ServerCertificate; pins: PublicKeyPins }> {
  const { data, tls } = config;
  const first = await step(certificateOf(config), async () => {
    if (tls !== undefined) return loadCertificate(tls);
    const key = await ownKey(database, sealer, await keyOnDisk(data));
    return ownCertificate(data, hostsOf(config), { key, now: now() });
  });
  const pins = await step(pinsOf(config), () => PublicKeyPins.open(database, sealer));
  if (!pins.all.includes(first.publicKeyPin)) {
    await step(unknownKey, async () => {
      const agents = await countAgents(database.read);
      if (agents > 0 && !config.acceptUnknownKey) throw new Error(refusal(agents, first.publicKeyPin, pins.all));
      await database.write((tx) => pins.add(tx, first.publicKeyPin));
    });
    await pins.refresh();
  }
  const certificate = new ServerCertificate(first, {
    files: tls ?? ownFiles(data),
    trusted: () => pins.all,
    log: (problem) => process.emitWarning(problem),
  });
  return { certificate, pins };
}

const unknownKey: Step = {
  failure: 'The agents would refuse this server',
  hint:
    'Start with the previous certificate, announce the new key with "cordon-server renew-certificate --announce FILE", ' +
    'and change the certificate when every agent has it. If the old key is lost: start with ' +
    'CORDON_TLS_UNKNOWN_KEY=accept, and enrol every agent again.',
};

function refusal(agents: number, shown: string, trusted: readonly string[]): string {
  const known = trusted.map((pin) => `sha256//${pin}`).join(', ');
  return `its certificate has the public key sha256//${shown}, and the ${agents} enrolled agents trust ${known || 'another'} only`;
}

function certificateOf({ tls, data }: Config): Step {
  return tls === undefined
    ? {
        failure: `The certificate in ${data} cannot be used`,
        hint: 'Make tls.crt and tls.key there readable, or set CORDON_TLS_CERT and CORDON_TLS_KEY.',
      }
    : {
        failure: `The certificate ${tls.certificate} (CORDON_TLS_CERT) with the key ${tls.key} (CORDON_TLS_KEY) cannot be used`,
        hint: 'Both must be PEM files that the user of the server can read.',
      };
}

function pinsOf({ data }: Config): Step {
  return {
    failure: 'The public keys that agents trust cannot be read from the database',
    hint: `Use the master key that this database was created with, in CORDON_MASTER_KEY or ${data}/master.key.`,
  };
}
