/** A server that was started by a program with an IPC channel ends with that program, however it went. */

/** Calls `stop` when the parent is gone. Without a channel there is no parent to watch. */
export function endWithParent(stop: () => void): void {
  if (process.channel === undefined) return;
  process.on('disconnect', stop);
  // The channel alone must not keep a process alive that has nothing left to do.
  process.channel?.unref();
}
