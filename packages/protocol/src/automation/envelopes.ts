/** The two envelopes that answers travel in (contract 2.1, 2.2). */
import { Type } from 'typebox';
import type { TInteger, TNull, TObject, TSchema, TString } from 'typebox';
import { reasons, successDescription } from './reasons.ts';
import type { Reason } from './reasons.ts';

/** Agents, servers and FileUDSO answer in this one. */
export interface ResultEnvelope<Content> {
  readonly result_code: number;
  readonly result_description: string;
  /** A list for queries and acts, null for FileUDSO, an empty string on errors. */
  readonly result_content: Content;
}

/** The user-defined suspicious objects answer in this one. */
export interface MetaEnvelope<Data> {
  readonly Data: Data;
  readonly Meta: { readonly Result: number; readonly ErrorCode: number; readonly ErrorMsg: string };
  /** Strings in every sample, although described as numbers. */
  readonly PermissionCtrl: { readonly permission: string; readonly elements: null };
  readonly FeatureCtrl: { readonly mode: string };
  readonly SystemCtrl: { readonly TmcmSoDist_Role: string };
}

/** Which envelope a path answers in. */
export type Envelope = 'result' | 'meta';

/** Paths of the suspicious-object list, custom intelligence and logs speak Data/Meta; everything else "result". */
export function envelopeOf(path: string): Envelope {
  return /^\/+webapp\/+(api\/+(v\d+\/+)?(suspiciousobjects|logs)|iocbackend|suspiciousobjectsbackend)(\/|\?|$)/i.test(
    path,
  )
    ? 'meta'
    : 'result';
}

export function resultSuccess<Content>(content: Content): ResultEnvelope<Content> {
  return { result_code: 1, result_description: successDescription, result_content: content };
}

export function resultFailure(reason: Reason, message: string): ResultEnvelope<''> {
  return { result_code: reasons[reason].resultCode, result_description: message, result_content: '' };
}

/** `message` stays empty but for a remark that is no error. */
export function metaSuccess<Data>(data: Data, message = ''): MetaEnvelope<Data> {
  return { Data: data, Meta: { Result: 1, ErrorCode: 0, ErrorMsg: message }, ...controls };
}

export function metaFailure(reason: Reason, message: string): MetaEnvelope<null> {
  return { Data: null, Meta: { Result: 0, ErrorCode: reasons[reason].errorCode, ErrorMsg: message }, ...controls };
}

/** Full control, on-premises spelling of a tenant without list distribution, as the guide prints it. */
const controls = {
  PermissionCtrl: { permission: '255', elements: null },
  FeatureCtrl: { mode: '0' },
  SystemCtrl: { TmcmSoDist_Role: 'none' },
} as const;

type ResultSchema<Content extends TSchema> = TObject<{
  result_code: TInteger;
  result_description: TString;
  result_content: Content;
}>;

/** Schema of a "result" envelope around `content`. */
export function ResultOf<Content extends TSchema>(content: Content): ResultSchema<Content> {
  return Type.Object({ result_code: Type.Integer(), result_description: Type.String(), result_content: content });
}

type MetaSchema<Data extends TSchema> = TObject<{
  Data: Data;
  Meta: TObject<{ Result: TInteger; ErrorCode: TInteger; ErrorMsg: TString }>;
  PermissionCtrl: TObject<{ permission: TString; elements: TNull }>;
  FeatureCtrl: TObject<{ mode: TString }>;
  SystemCtrl: TObject<{ TmcmSoDist_Role: TString }>;
}>;

/** Schema of a Data/Meta envelope around `data`. */
export function MetaOf<Data extends TSchema>(data: Data): MetaSchema<Data> {
  return Type.Object({
    Data: data,
    Meta: Type.Object({ Result: Type.Integer(), ErrorCode: Type.Integer(), ErrorMsg: Type.String() }),
    PermissionCtrl: Type.Object({ permission: Type.String(), elements: Type.Null() }),
    FeatureCtrl: Type.Object({ mode: Type.String() }),
    SystemCtrl: Type.Object({ TmcmSoDist_Role: Type.String() }),
  });
}
