/** Generated from applications.schema.ts by tools/shapes.ts; "npm run shapes" writes it again. */
import { boolean, integer, list, nullable, object, text } from '../shape/shape.ts';
import type { Shape } from '../shape/shape.ts';
import { millisecondsShape } from '../channel/scalars.shape.ts';
import type { Milliseconds } from '../channel/scalars.shape.ts';

/** An application that may use the Automation API. Its key is shown once, when made or rotated, and never again. */
export interface Application {
  id: string;
  name: string;
  enabled: boolean;
  /** The most seconds a request may take to arrive after it was signed. */
  timeoutSeconds: number;
  /** Which API functions it may use. */
  apiType: string;
  createdAt: Milliseconds;
  lastUsedAt: Milliseconds | null;
  lastUsedFrom: string | null;
}
export const applicationShape: Shape<Application> = object({
  id: text(),
  name: text(),
  enabled: boolean(),
  timeoutSeconds: integer(),
  apiType: text(),
  createdAt: millisecondsShape,
  lastUsedAt: nullable(millisecondsShape),
  lastUsedFrom: nullable(text()),
});

/** POST applications/draft: an ID and a key to show before they are saved; the server does not store them. */
export interface ApplicationDraft {
  id: string;
  apiKey: string;
  apiType: string;
  /** Both, sealed by the server; send it back with POST applications within the hour. */
  draft: string;
}
export const applicationDraftShape: Shape<ApplicationDraft> = object({
  id: text(),
  apiKey: text(),
  apiType: text(),
  draft: text(),
});

export interface AddApplication {
  name: string;
  timeoutSeconds?: number;
  enabled?: boolean;
  /** Of an ApplicationDraft; without it the server chooses ID and key now. */
  draft?: string;
}

export interface ChangeApplication {
  name?: string;
  timeoutSeconds?: number;
  enabled?: boolean;
}

export interface ApplicationList {
  applications: Application[];
}
export const applicationListShape: Shape<ApplicationList> = object({ applications: list(applicationShape) });

/** POST applications, and POST applications/{id}/rotate. */
export interface ApplicationWithKey {
  application: Application;
  apiKey: string;
}
export const applicationWithKeyShape: Shape<ApplicationWithKey> = object({
  application: applicationShape,
  apiKey: text(),
});
