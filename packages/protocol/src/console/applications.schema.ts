/** Applications that may use the Automation API. */
import { Type } from 'typebox';
import { Milliseconds, Nullable } from '../channel/scalars.schema.ts';

/** An application that may use the Automation API. Its key is shown once, when made or rotated, and never again. */
export const Application = Type.Object({
  id: Type.String(),
  name: Type.String(),
  enabled: Type.Boolean(),
  /** The most seconds a request may take to arrive after it was signed. */
  timeoutSeconds: Type.Integer(),
  /** Which API functions it may use. */
  apiType: Type.String(),
  createdAt: Milliseconds,
  lastUsedAt: Nullable(Milliseconds),
  lastUsedFrom: Nullable(Type.String()),
});

/** POST applications/draft: an ID and a key to show before they are saved; the server does not store them. */
export const ApplicationDraft = Type.Object({
  id: Type.String(),
  apiKey: Type.String(),
  apiType: Type.String(),
  /** Both, sealed by the server; send it back with POST applications within the hour. */
  draft: Type.String(),
});

const applicationSettings = {
  name: Type.String({ minLength: 1, maxLength: 64 }),
  timeoutSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
  enabled: Type.Optional(Type.Boolean()),
};

export const AddApplication = Type.Object({
  ...applicationSettings,
  /** Of an ApplicationDraft; without it the server chooses ID and key now. */
  draft: Type.Optional(Type.String({ maxLength: 1024 })),
});

export const ChangeApplication = Type.Partial(Type.Object(applicationSettings));

export const ApplicationList = Type.Object({ applications: Type.Array(Application) });

/** POST applications, and POST applications/{id}/rotate. */
export const ApplicationWithKey = Type.Object({ application: Application, apiKey: Type.String() });
