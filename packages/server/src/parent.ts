/** Ends a server with its parent process, where that opened an IPC channel. */

/** Calls `stop` when the parent has exited. Without a channel there is no parent to watch. */
export function endWithParent(stop: () => void): void {
  if (process.channel === undefined) return;
  process.on('disconnect', stop);
  // The channel alone must not keep an otherwise finished process alive.
  process.channel?.unref();
}
