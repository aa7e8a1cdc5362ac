/**
 * The messages between link and enforcer: JSON lines over a UNIX socket.
 *
 * Each side treats the other as hostile input: link because it faces the network, the enforcer because a wrong
 * message must never reach the server. Of what link chose, the enforcer signs only a nonce in a fixed frame.
 */
import { decoderOf } from './line-decoder.ts';
import type { Decoder } from './line-decoder.ts';
import { toEnforcerShape, toLinkShape } from './link-messages.shape.ts';
import type { ToEnforcer, ToLink } from './link-messages.shape.ts';

export type { ToEnforcer, ToLink } from './link-messages.shape.ts';

/** A signed document of the largest size, escaped once more, fits. */
export const maxLinkLine = 2_000_000;

export const decodeToEnforcer: Decoder<ToEnforcer> = decoderOf(toEnforcerShape);
export const decodeToLink: Decoder<ToLink> = decoderOf(toLinkShape);
