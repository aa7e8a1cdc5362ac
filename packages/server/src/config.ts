/** The server's settings, all from the environment, each with a default. */
import { networkInterfaces } from 'node:os';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import type { CertificateFiles } from './secrets/certificate.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Config {
  /** Directory of database, keys and certificate. */
  readonly data: string;
  readonly listen: Address;
  /** The address for agents when it differs from `listen`: only the agents' paths are served there. */
  readonly gatewayListen: Address | undefined;
  /** The address of the console's pages and API when it differs from `listen`; they are then served nowhere else. */
  readonly consoleListen: Address | undefined;
  /** Addresses at which agents reach this server; names are resolved here, because an isolated endpoint cannot. */
  readonly advertise: readonly Address[];
  /** A `postgres://` address, or the path of a SQLite file. */
  readonly database: string;
  readonly tls: CertificateFiles | undefined;
  /** Starts although no enrolled agent trusts the key of the certificate. */
  readonly acceptUnknownKey: boolean;
  readonly masterKey: string | undefined;
  /** The largest file that FileUDSO accepts, bytes. */
  readonly uploadLimit: number;
  /** A browser session ends after this many idle minutes. */
  readonly idleMinutes: number;
  /** How long detections are kept, milliseconds. */
  readonly keepDetections: number;
  /** Whether objects that would match the system or the fleet are refused, or need a confirmation. */
  readonly listingSafety: boolean;
  readonly logLevel: string;
  /**
   * Whether webhooks and syslog may use private networks and this machine; on by default, because Cordon runs on-
   * premise.
   */
  readonly callPrivate: boolean;
  /** Lets other hosts than loopback read /metrics, with `Authorization: Bearer <token>`. */
  readonly metricsToken: string | undefined;
  /** The folder of the agent's packages that this server offers; it may be missing. */
  readonly packages: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const day = 24 * 3_600_000;
const defaultUploadLimit = 512 * 1024 * 1024;
/** A terabyte: anything larger is a typing error. */
const maxUpload = 1024 ** 4;
const defaultDays = 90;
/** A hundred years. */
const maxDays = 36_500;
const defaultIdleMinutes = 30;
/** A session ends after twelve hours anyway. */
const maxIdleMinutes = 720;

/** Reads the settings, or throws an Error that names the variable. An empty variable counts as unset. */
export function readConfig(variables: Environment): Config {
  const environment = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const data = resolve(environment['CORDON_DATA'] ?? 'data');
  const listen = addressFrom('CORDON_LISTEN', environment['CORDON_LISTEN'] ?? '127.0.0.1:8443');
  const gateway = environment['CORDON_GATEWAY_LISTEN'];
  const gatewayListen = gateway === undefined ? undefined : addressFrom('CORDON_GATEWAY_LISTEN', gateway);
  const consoleAt = environment['CORDON_CONSOLE_LISTEN'];
  return {
    data,
    listen,
    gatewayListen,
    consoleListen: consoleAt === undefined ? undefined : addressFrom('CORDON_CONSOLE_LISTEN', consoleAt),
    advertise: advertised(environment['CORDON_ADVERTISE'], gatewayListen ?? listen),
    database: environment['CORDON_DATABASE'] ?? join(data, 'cordon.sqlite'),
    tls: ownCertificate(environment),
    acceptUnknownKey: acceptsUnknownKey(environment['CORDON_TLS_UNKNOWN_KEY']),
    masterKey: environment['CORDON_MASTER_KEY'],
    uploadLimit: numberIn(environment, 'CORDON_UPLOAD_LIMIT', { most: maxUpload, otherwise: defaultUploadLimit }),
    idleMinutes: numberIn(environment, 'CORDON_IDLE_MINUTES', { most: maxIdleMinutes, otherwise: defaultIdleMinutes }),
    keepDetections: numberIn(environment, 'CORDON_DETECTION_DAYS', { most: maxDays, otherwise: defaultDays }) * day,
    listingSafety: onOrOff('CORDON_LISTING_SAFETY', environment['CORDON_LISTING_SAFETY'] ?? 'on'),
    logLevel: logLevel(environment['CORDON_LOG'] ?? 'info'),
    callPrivate: yesOrNo('CORDON_CALL_PRIVATE', environment['CORDON_CALL_PRIVATE'] ?? 'yes'),
    metricsToken: environment['CORDON_METRICS_TOKEN'],
    packages: resolve(environment['CORDON_PACKAGES'] ?? join(data, 'packages')),
  };
}

/** `host:port` with IPv6 in brackets. */
export function addressFrom(name: string, text: string): Address {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port <= 65_535)) {
    throw new Error(`${name} is "${text}"; it must be host:port, such as 127.0.0.1:8443 or [::1]:8443.`);
  }
  return { host, port };
}

function advertised(text: string | undefined, listen: Address): Address[] {
  if (text !== undefined) return text.split(',').map((one) => addressFrom('CORDON_ADVERTISE', one));
  if (!isAny(listen.host)) return [listen];
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => !address.internal && !address.address.startsWith('fe80:'))
    .filter((address) => listen.host === '::' || isIP(address.address) === 4);
  return outside.length > 0
    ? outside.map((address) => ({ host: address.address, port: listen.port }))
    : [{ host: '127.0.0.1', port: listen.port }];
}

function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function ownCertificate(environment: Environment): CertificateFiles | undefined {
  const [certificate, key] = [environment['CORDON_TLS_CERT'], environment['CORDON_TLS_KEY']];
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined) {
    throw new Error(
      'CORDON_TLS_CERT and CORDON_TLS_KEY go together: set both, or neither for a self-signed certificate.',
    );
  }
  return { certificate, key };
}

function yesOrNo(name: string, text: string): boolean {
  if (text !== 'yes' && text !== 'no') throw new Error(`${name} is "${text}"; it must be yes or no.`);
  return text === 'yes';
}

function acceptsUnknownKey(text: string | undefined): boolean {
  if (text === undefined || text === 'accept') return text === 'accept';
  throw new Error(`CORDON_TLS_UNKNOWN_KEY is "${text}"; it must be accept, or unset.`);
}

function onOrOff(name: string, text: string): boolean {
  if (text === 'on' || text === 'off') return text === 'on';
  throw new Error(`${name} is "${text}"; it must be on or off.`);
}

/** 1 or more: zero makes no sense for any of these numbers. */
function numberIn(
  environment: Environment,
  name: string,
  { most, otherwise }: { most: number; otherwise: number },
): number {
  const text = environment[name];
  if (text === undefined) return otherwise;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= 1 && number <= most) return number;
  throw new Error(`${name} is "${text}"; it must be a whole number from 1 to ${most}.`);
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

function logLevel(text: string): string {
  if (logLevels.includes(text)) return text;
  throw new Error(`CORDON_LOG is "${text}"; it must be one of ${logLevels.join(', ')}.`);
}
