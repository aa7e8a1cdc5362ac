/** Generated from scalars.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { integer, list, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';

export type Guid = string;
export const guidShape: Shape<Guid> = text({ pattern: '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' });

/** Milliseconds since 1970, within what a Date can hold. */
export type Milliseconds = number;
export const millisecondsShape: Shape<Milliseconds> = integer({ min: 0, max: 8_640_000_000_000_000 });

/** SHA-256 of a public key (SubjectPublicKeyInfo in DER), standard base64. */
export type PublicKeyPin = string;
export const publicKeyPinShape: Shape<PublicKeyPin> = text({ pattern: '^[0-9A-Za-z+/]{43}=$' });

/** Any one of these public keys is trusted. */
export type PublicKeyPins = PublicKeyPin[];
export const publicKeyPinsShape: Shape<PublicKeyPins> = list(publicKeyPinShape, { min: 1, max: 8 });

/** A number of things: files, bytes, packets. */
export type Count = number;
export const countShape: Shape<Count> = integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
