/** Values that many schemas are made of. */
import { Type } from 'typebox';
import type { TArray, TInteger, TNull, TSchema, TString, TUnion } from 'typebox';

export const Guid: TString = Type.String({ pattern: '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' });

/** Milliseconds since 1970, within what a Date can hold. */
export const Milliseconds: TInteger = Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 });

/** SHA-256 of a public key (SubjectPublicKeyInfo in DER), standard base64. */
export const PublicKeyPin: TString = Type.String({ pattern: '^[0-9A-Za-z+/]{43}=$' });

/** Any one of these public keys is trusted. */
export const PublicKeyPins: TArray<TString> = Type.Array(PublicKeyPin, { minItems: 1, maxItems: 8 });

/** A number of things: files, bytes, packets. */
export const Count: TInteger = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const Nullable = <T extends TSchema>(schema: T): TUnion<[T, TNull]> => Type.Union([schema, Type.Null()]);
