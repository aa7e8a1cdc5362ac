/** Shows progress: a bar on a terminal, elsewhere a line per tenth on standard error. */
import type { Invocation } from './command.ts';
import { cutTo } from '../text/width.ts';

export interface Progress {
  /** `done` of `total`, in any unit; `doing` names the current step. */
  readonly show: (doing: string, done: number, total: number) => void;
  readonly end: () => void;
}

const barWidth = 30;
const drawEveryMs = 100;

export function progressOf(call: Invocation): Progress {
  const { err } = call.world;
  if (call.json) return { show: () => {}, end: () => {} };
  return err.isTerminal ? bar(call) : tenths(call);
}

function bar(call: Invocation): Progress {
  const { err, now } = call.world;
  let drawnAt = 0;
  return {
    show: (doing, done, total) => {
      if (done < total && now() - drawnAt < drawEveryMs) return;
      drawnAt = now();
      const line = `${doing} ${drawn(shareOf(done, total))}`;
      err.write(`\r\u001b[K${cutTo(line, Math.max(1, err.columns - 1))}`);
    },
    end: () => err.write('\r\u001b[K'),
  };
}

/** Small amounts finish before a line would help. */
const worthALine = 1 << 24;

function tenths(call: Invocation): Progress {
  let shown = '';
  return {
    show: (doing, done, total) => {
      const line = `${doing} ${Math.floor(shareOf(done, total) * 10) * 10} %\n`;
      if (line !== shown && total >= worthALine) call.world.err.write(line);
      shown = line;
    },
    end: () => {},
  };
}

function shareOf(done: number, total: number): number {
  return total <= 0 ? 1 : Math.min(1, done / total);
}

function drawn(share: number): string {
  const full = Math.round(share * barWidth);
  return `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}] ${Math.floor(share * 100)} %`;
}
