/**
 * The messages between the enforcer and its workers: JSON lines over a UNIX socket for root.
 *
 * `on-access` decides about openings (fanotify) and does nothing else; `scanner` sweeps, and keeps the quarantine.
 * Neither talks to the other: the enforcer has the list, the settings and the spool, and no file work that could delay it.
 */
import { decoderOf } from './line-decoder.ts';
import type { Decoder } from './line-decoder.ts';
import {
  acknowledgedShape,
  fromOnAccessShape,
  fromScannerShape,
  toOnAccessShape,
  toScannerShape,
} from './worker-messages.shape.ts';
import type { Acknowledged, FromOnAccess, FromScanner, ToOnAccess, ToScanner } from './worker-messages.shape.ts';

export type { Match } from '@cordon/protocol/channel';
export type {
  FileRule,
  FromOnAccess,
  FromScanner,
  MatchMessage,
  ProtectedFiles,
  ToOnAccess,
  ToScanner,
} from './worker-messages.shape.ts';

/** 20,000 rules fit in one line, and 500,000 protected paths and their files. */
export const maxWorkerLine = 12_000_000;

interface MessageOf {
  toOnAccess: ToOnAccess;
  toScanner: ToScanner;
  fromOnAccess: FromOnAccess;
  fromScanner: FromScanner;
  acknowledged: Acknowledged;
}

const decoders: { readonly [D in keyof MessageOf]: Decoder<MessageOf[D]> } = {
  toOnAccess: decoderOf(toOnAccessShape),
  toScanner: decoderOf(toScannerShape),
  fromOnAccess: decoderOf(fromOnAccessShape),
  fromScanner: decoderOf(fromScannerShape),
  acknowledged: decoderOf(acknowledgedShape),
};

/** Total: a message of that direction, or undefined for anything else. */
export function decodeWorkerMessage<D extends keyof MessageOf>(direction: D, line: string): MessageOf[D] | undefined {
  return decoders[direction](line);
}
