/** Turns the words of the console API into words for people. */

/** Words that do not explain themselves; every other is shown as it is, with spaces and a capital. */
const known: Readonly<Record<string, string>> = {
  // Objects and their actions.
  file_sha1: 'File (SHA-1)',
  ip: 'IP address',
  url: 'URL',
  log: 'Log only',
  'held-back': 'Protected file',
  late: 'Detected too late',
  // What detected it.
  open: 'File open',
  execute: 'Execution',
  write: 'File write',
  sweep: 'Disk scan',
  packet: 'Network traffic',
  name: 'DNS lookup',
  // Isolation.
  unproven: 'Not verified',
  'break-glass': 'Break-glass code',
  deadline: 'Expiry',
  // Actions in the audit log.
  'add-application': 'Add application',
  'cancel-task': 'Cancel task',
  'change-account-settings': 'Change second-factor rules',
  'change-guard': 'Change guard settings',
  'desired-state-forged': 'Desired state forged',
  'disable-totp': 'Turn off second factor',
  'enable-totp': 'Turn on second factor',
  'expire-object': 'Object expired',
  'group-forged': 'Group settings forged',
  guard: 'Held',
  'hold-isolate': 'Isolation held for approval',
  'hold-release': 'Release held for approval',
  'hold-uninstall': 'Uninstall held for approval',
  'task-end-processes': 'End processes',
  'task-find': 'Search for files',
  'task-restore-files': 'Restore files',
  'task-sweep': 'Scan disks',
  'halt-object': 'Canary halted',
  'move-agent': 'Move endpoint to group',
  'overtake-epoch': 'Database is older than an endpoint',
  'protect-agent': 'Protect endpoint',
  'put-group': 'Save group',
  'put-object': 'Save object',
  'put-profile': 'Save isolation profile',
  'released-itself': 'Endpoint released itself',
  'remove-agent': 'Forget endpoint',
  'remove-profile': 'Remove isolation profile',
  'remove-syslog': 'Disable syslog',
  request: 'API request',
  'reset-totp': 'Reset second factor',
  'rotate-application': 'New key for application',
  'rotate-webhook': 'New secret for webhook',
  'set-syslog': 'Save syslog settings',
  'show-break-glass': 'View break-glass code',
  tampering: 'Isolation rules changed',
  'task-forged': 'Task forged',
  'undo-object': 'Undo object',
  'unprotect-agent': 'Remove protection',
};

/** `held-back` as "Protected file", `not-enforced` as "Not enforced". */
export function inWords(word: string): string {
  const shown = known[word] ?? spaced(word);
  return shown.charAt(0).toUpperCase() + shown.slice(1);
}

/** `enforceIn`, `enforce-in` and `enforce_in` as "enforce in". */
export function spaced(name: string): string {
  return name.replaceAll(/[-_.]/g, ' ').replaceAll(/(?<=[a-z])[A-Z](?=[a-z])/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Choices of a filter or a form, each with its words. */
export function choicesOf<Word extends string>(words: readonly Word[]): (readonly [Word, string])[] {
  return words.map((word) => [word, inWords(word)]);
}

/** `user:admin` as "admin", `application:F7B4…` as "application F7B4…". */
export function actorInWords(actor: string): string {
  if (actor === 'stranger') return 'not signed in';
  return actor.replace(/^user:/, '').replace(/^(application|agent):/, '$1 ');
}

export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`;
}
