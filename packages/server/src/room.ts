/** The form of a room: use cases, routes, start and close. */
import type { Http } from './http/server.ts';

/** Routes by who may call them; `app.ts` puts the authentication in front. */
export interface Routes {
  /** Applications, with a signed request. */
  readonly automation?: (scope: Http) => void;
  /** Signed-in accounts. */
  readonly console?: (scope: Http) => void;
  /** People who are signing in. */
  readonly signIn?: (scope: Http) => void;
  /** Endpoints that have no channel yet. */
  readonly gateway?: (scope: Http) => void;
}

/** Rooms start in the order of the list in `app.ts`, and close in reverse order. */
export interface Room {
  readonly routes?: Routes;
  readonly start?: () => void | Promise<void>;
  readonly close?: () => void | Promise<void>;
}
