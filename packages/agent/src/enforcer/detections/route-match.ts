/** Decides what becomes of each detection: told to the server, or first handed to `files`, which takes the file away. */
import type { WorkerName } from '../../ipc/worker-client.ts';
import type { FileRule, Match, MatchMessage } from '../../ipc/worker-messages.ts';
import { withRemark } from '../../ipc/outbox.ts';
import type { Workers } from '../workers/workers.ts';
import type { PendingQuarantines } from './pending-quarantines.ts';
import type { Source } from './segment.ts';
import type { Spool } from './spool.ts';

export interface MatchRouterDeps {
  readonly spool: Pick<Spool, 'add' | 'has'>;
  readonly quarantines: Pick<PendingQuarantines, 'add' | 'has' | 'concluded' | 'waiting'>;
  readonly line: Pick<Workers, 'send' | 'acknowledge'>;
  /** What `watch` is to do about this content. */
  readonly rule: (sha1: string) => FileRule | undefined;
}

export class MatchRouter {
  readonly #deps: MatchRouterDeps;

  constructor(deps: MatchRouterDeps) {
    this.#deps = deps;
  }

  /** `from` is known of the parts; what says nothing of its number is taken as it comes. */
  receive({ match: finding, further }: MatchMessage, part: WorkerName, from: Source | undefined): void {
    const { spool, quarantines, line } = this.#deps;
    if (from && (spool.has(from) || quarantines.has(from))) return line.acknowledge(part, from.number);
    if (part === 'scanner') quarantines.concluded(finding);
    if (part === 'on-access' && further !== true && this.#shouldQuarantine(finding)) this.#quarantine(finding, from);
    else spool.add(finding, from);
  }

  /** `files` has come: what it was to take away, and has said nothing of, it is told again. */
  scannerOpened(): void {
    const { quarantines, line, spool } = this.#deps;
    for (const detection of quarantines.waiting) {
      if (this.#shouldQuarantine(detection)) {
        line.send('scanner', { type: 'quarantine', match: detection });
      } else {
        quarantines.concluded(detection);
        spool.add(withRemark(detection, 'It was not quarantined: it is not to be any more.'));
      }
    }
  }

  /** Only what came of it is told, so that one file is one detection; unless that may take long. */
  #quarantine(finding: Match, from: Source | undefined): void {
    const { spool, quarantines, line } = this.#deps;
    const added = quarantines.add(finding, from);
    if (added === 'full') {
      return spool.add(withRemark(finding, 'It was not quarantined: too many other files wait for that.'), from);
    }
    const taken = added === 'known' || line.send('scanner', { type: 'quarantine', match: finding });
    if (!taken) spool.add(withRemark(finding, 'It is quarantined as soon as that part of the agent runs again.'), from);
    else if (from) line.acknowledge('on-access', from.number);
  }

  #shouldQuarantine({ action, file, object }: Match): boolean {
    return action === 'blocked' && file !== null && this.#deps.rule(object.content)?.action === 'quarantine';
  }
}
