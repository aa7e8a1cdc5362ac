/** Routes each detection: to the server, or first to `scanner`, which quarantines the file. */
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
  /** What `on-access` does about this content. */
  readonly rule: (sha1: string) => FileRule | undefined;
}

export class MatchRouter {
  readonly #deps: MatchRouterDeps;

  constructor(deps: MatchRouterDeps) {
    this.#deps = deps;
  }

  /** `from` identifies known workers; a detection without a number is accepted as it comes. */
  receive({ match, further }: MatchMessage, part: WorkerName, from: Source | undefined): void {
    const { spool, quarantines, line } = this.#deps;
    if (from && (spool.has(from) || quarantines.has(from))) return line.acknowledge(part, from.number);
    if (part === 'scanner') quarantines.concluded(match);
    if (part === 'on-access' && further !== true && this.#shouldQuarantine(match)) this.#quarantine(match, from);
    else spool.add(match, from);
  }

  /** `scanner` has connected: sends again what it was asked to quarantine and has not answered. */
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

  /** Only the result is reported, so that one file is one detection; unless that may take long. */
  #quarantine(match: Match, from: Source | undefined): void {
    const { spool, quarantines, line } = this.#deps;
    const added = quarantines.add(match, from);
    if (added === 'full') {
      return spool.add(withRemark(match, 'It was not quarantined: too many other files wait for that.'), from);
    }
    const taken = added === 'known' || line.send('scanner', { type: 'quarantine', match });
    if (!taken) spool.add(withRemark(match, 'It is quarantined as soon as that part of the agent runs again.'), from);
    else if (from) line.acknowledge('on-access', from.number);
  }

  #shouldQuarantine({ action, file, object }: Match): boolean {
    return action === 'blocked' && file !== null && this.#deps.rule(object.content)?.action === 'quarantine';
  }
}
