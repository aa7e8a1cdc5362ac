/** What `pending-quarantines` keeps on disk. */
import { Type } from 'typebox';
import { maxWaiting } from './max-waiting.ts';
import { Match as MatchSchema } from '../../ipc/worker-messages.schema.ts';
import { SeenFile } from './spool-files.schema.ts';

export const Saved = Type.Object({ seen: SeenFile, waiting: Type.Array(MatchSchema, { maxItems: maxWaiting }) });
