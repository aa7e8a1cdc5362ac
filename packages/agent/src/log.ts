/** Writes one JSON line an event to stderr. Never a key, a token, a nonce or a signature. */

export type Room = 'supervisor' | 'enforcer' | 'link' | 'enrol' | 'on-access' | 'watchdog' | 'scanner';
type Facts = Readonly<Record<string, string | number | boolean | null | undefined>>;
export type Log = (event: string, facts?: Facts) => void;

export function logOf(room: Room, now: () => number): Log {
  return (event, facts = {}) => {
    process.stderr.write(`${JSON.stringify({ at: new Date(now()).toISOString(), room, event, ...facts })}\n`);
  };
}
