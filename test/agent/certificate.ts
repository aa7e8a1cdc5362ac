/** Makes a self-signed certificate for a fake gateway, without an external program. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { publicKeyPinOf } from '@cordon/protocol/channel';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  readonly publicKeyPin: string;
}

/** X.509 v3 (RFC 5280) with an Ed25519 key (RFC 8410), valid for the years 2020 to 2049. */
export function selfSigned(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const ed25519 = der(0x30, Buffer.from('06032b6570', 'hex'));
  const name = der(
    0x30,
    der(0x31, der(0x30, Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('fake gateway')))),
  );
  const validity = der(0x30, der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')));
  const serial = der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)]));
  const body = der(0x30, serial, ed25519, name, validity, name, publicKey.export({ format: 'der', type: 'spki' }));
  const signature = der(0x03, Buffer.concat([Buffer.of(0), sign(null, body, privateKey)]));
  const bytes = der(0x30, body, ed25519, signature);
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`,
    publicKeyPin: publicKeyPinOf(publicKey),
  };
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const length = content.length < 128 ? Buffer.of(content.length) : longLength(content.length);
  return Buffer.concat([Buffer.of(tag), length, content]);
}

function longLength(length: number): Buffer {
  return length < 256 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 0xff);
}
