/** What `pending-quarantines` keeps on disk. */
import { Type } from 'typebox';
import { Match } from '@cordon/protocol/channel/schemas';
import { maxWaiting } from './max-waiting.ts';
import { SeenFile } from './spool-files.schema.ts';

export const Saved = Type.Object({ seen: SeenFile, waiting: Type.Array(Match, { maxItems: maxWaiting }) });
