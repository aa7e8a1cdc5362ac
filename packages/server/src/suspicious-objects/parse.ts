/** Parses suspicious objects from clients into the one form that is stored and matched. */
import { domainToASCII } from 'node:url';
import { formatNetwork, parseAddress as parseIp, parseNetwork } from '@cordon/protocol/addresses';
import { Refusal, longestContent, longestNotes, objectTypes, scanActions } from '@cordon/protocol/automation';
import type { AddObject, ObjectType, ScanAction } from '@cordon/protocol/automation';
import type { ObjectName } from '@cordon/protocol/channel';
import { parseExpiry } from './expiry.ts';

export interface ParsedObject extends ObjectName {
  readonly notes: string;
  readonly scanAction: ScanAction;
  readonly expiresAt: number | null;
}

/** The entry of PUT UserDefinedSO, of any type except `file`, whose content must be read first. */
export function parseObject(param: AddObject['param'], now: number): ParsedObject {
  const name = parseName(param.type, param.content);
  return {
    ...name,
    notes: parseNotes(param.notes, 'notes'),
    scanAction: parseAction(param.scan_action, 'scan_action', name.type),
    expiresAt: parseExpiry(param.expiration_utc_date, now),
  };
}

/** Type and content in their stored form. */
export function parseName(type: string, content: string): ObjectName {
  const parsed = parseType(type);
  if (parsed === undefined)
    throw invalid(`type is "${type.slice(0, 40)}"; it must be one of ${objectTypes.join(', ')}.`);
  return { type: parsed, content: parseContent(parsed, content.trim()) };
}

/** The text to search for in contents: an address in another spelling than the stored one would never match. */
export function searchText(text: string): string {
  const network = parseNetwork(text.trim());
  return network === undefined ? text : formatNetwork(network);
}

/** One of the five types in any letter case, or undefined. */
export function parseType(type: string): ObjectType | undefined {
  return objectTypes.find((one) => one === type.trim().toLowerCase());
}

/** Any letter case in, lower case out (contract 8, rule 10). Only files can be moved to quarantine. */
export function parseAction(action: string, parameter: string, type: ObjectType): ScanAction {
  const parsed = scanActions.find((one) => one === action.trim().toLowerCase());
  const movable = type === 'file' || type === 'file_sha1';
  const allowed: readonly ScanAction[] = movable ? scanActions : ['log', 'block'];
  if (parsed !== undefined && allowed.includes(parsed)) return parsed;
  throw invalid(`${parameter} is "${action.slice(0, 40)}"; for type ${type} it must be one of ${allowed.join(', ')}.`);
}

/** At most 256 characters, counted as code points; null and absent mean none. */
export function parseNotes(notes: string | null | undefined, parameter: string): string {
  const text = notes ?? '';
  const characters = Array.from(text).length;
  if (characters <= longestNotes) return text;
  throw invalid(`${parameter} has ${characters} characters; at most ${longestNotes} are kept.`);
}

function parseContent(type: ObjectType, content: string): string {
  if (content === '') throw invalid('content is empty; it must name what is suspicious.');
  if (content.length > longestContent) {
    throw invalid(`content has ${content.length} characters; at most ${longestContent} are allowed.`);
  }
  switch (type) {
    case 'ip':
      return parseAddress(content);
    case 'url':
      return parseUrl(content);
    case 'domain':
      return parseDomain(content);
    case 'file_sha1':
    case 'file':
      return parseSha1(content);
  }
}

function parseSha1(content: string): string {
  if (/^[0-9a-f]{40}$/i.test(content)) return content.toUpperCase();
  throw invalid(`content is not a SHA-1: it has ${content.length} characters, and must be 40 hexadecimal digits.`);
}

function parseUrl(content: string): string {
  if (!/^https?:\/\/\S+$/i.test(content)) {
    throw invalid('content is not a URL: it must start with http:// or https:// and hold no spaces.');
  }
  if (URL.canParse(content)) return content;
  throw invalid('content is not a URL: no program could open it, so nothing would ever match. Check host and port.');
}

/**
 * Dotted labels; a leading `*.` stands for every name below. Lower case, because DNS ignores case, and letters beyond
 * ASCII in the form that DNS uses.
 */
function parseDomain(content: string): string {
  const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
  const lower = asAsked(content).toLowerCase().replace(/\.$/, '');
  if (
    lower.length <= 253 &&
    new RegExp(`^(?:\\*\\.)?(?:${label}\\.)+${label}$`).test(lower) &&
    parseIp(lower) === undefined
  )
    return lower;
  throw invalid(`content is not a domain: "${content.slice(0, 80)}". Write it like bad.example.com.`);
}

/** DNS queries `münchen.example` as `xn--mnchen-3ya.example`. */
function asAsked(content: string): string {
  // oxlint-disable-next-line no-control-regex -- all of ASCII
  if (/^[\u0000-\u007f]*$/.test(content)) return content;
  const below = content.startsWith('*.');
  return (below ? '*.' : '') + domainToASCII(below ? content.slice(2) : content);
}

/** An address, or a network as address/bits, in its one normal spelling. */
function parseAddress(content: string): string {
  const network = parseNetwork(content);
  if (network === undefined) {
    throw invalid(
      `content is not an IP address: "${content.slice(0, 80)}". Write 203.0.113.7, 2001:db8::7 or 203.0.113.0/24.`,
    );
  }
  return formatNetwork(network);
}

function invalid(message: string): Refusal {
  return new Refusal('parameter-invalid', message);
}
