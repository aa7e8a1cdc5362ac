/** User-defined suspicious objects on the wire (contract 3.5-3.8). */
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { MetaOf, ResultOf } from './envelopes.ts';

export { fileObjectPath, userDefinedObjectsPath } from './paths.ts';

/** Objects of one type that the list holds at most (contract 5.2). */
export const objectsPerType = 10_000;
/** Characters of `note` and `notes` (contract 3.6). */
export const longestNotes = 256;
/** Characters of a URL, and of any content (contract 3.6). */
export const longestContent = 2047;

const optionalText = Type.Optional(Type.String({ maxLength: 4096 }));

/** GET: missing and empty both mean "all" (contract 8, rule 12). */
export const ObjectQuery = Type.Object({ type: optionalText, contentFilter: optionalText });
export type ObjectQuery = Static<typeof ObjectQuery>;

/** One entry of the list. `expiration_utc_date` is null or `YYYY-MM-DDThh:mm:ss`, without a zone letter. */
export const UserDefinedObject = Type.Object({
  type: Type.String(),
  content: Type.String(),
  notes: Type.String(),
  scan_action: Type.String(),
  expiration_utc_date: Type.Union([Type.String(), Type.Null()]),
});
export type UserDefinedObject = Static<typeof UserDefinedObject>;
export const ObjectsAnswer = MetaOf(Type.Array(UserDefinedObject));
export const ObjectChangedAnswer = MetaOf(Type.Null());

/** PUT: the entry inside `param`. Length, form and action are checked separately, with their own messages. */
export const AddObject = Type.Object({
  param: Type.Object({
    type: Type.String({ maxLength: 64 }),
    content: Type.String({ maxLength: 100_000 }),
    scan_action: Type.String({ maxLength: 64 }),
    notes: Type.Optional(Type.Union([Type.String({ maxLength: 100_000 }), Type.Null()])),
    expiration_utc_date: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()])),
  }),
});
export type AddObject = Static<typeof AddObject>;

/** DELETE: `type` and `content` name the entry, the rest narrows. */
export const RemoveObjectQuery = Type.Object({
  type: optionalText,
  content: optionalText,
  notes: optionalText,
  scan_action: optionalText,
  expiration_utc_date: optionalText,
});
export type RemoveObjectQuery = Static<typeof RemoveObjectQuery>;

/** PUT FileUDSO, for documentation; a server reads it as a stream and never holds the content as one string. */
export const AddFile = Type.Object({
  file_name: Type.String(),
  file_content_base64_string: Type.String(),
  file_scan_action: Type.String(),
  note: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});
export type AddFile = Static<typeof AddFile>;
export const FileAddedAnswer = ResultOf(Type.Null());
