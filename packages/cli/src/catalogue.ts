/** Every group of commands. A group is loaded only when it is called, so that each start loads one. */
import type { Command, Group } from './command/command.ts';

interface Entry extends Omit<Group, 'commands'> {
  readonly load: () => Promise<{ readonly commands: readonly Command[] }>;
}

export const catalogue: readonly Entry[] = [
  {
    name: 'login',
    summary: 'Set up a connection to a server and check it.',
    load: () => import('./commands/session/login.ts'),
  },
  { name: 'logout', summary: 'Remove a connection.', load: () => import('./commands/session/logout.ts') },
  {
    name: 'agents',
    summary: 'List, isolate, release, protect, relocate and uninstall agents.',
    load: () => import('./commands/agents/agents.ts'),
  },
  {
    name: 'servers',
    summary: 'List the servers that manage agents.',
    load: () => import('./commands/agents/servers.ts'),
  },
  {
    name: 'objects',
    summary: 'List, add and remove suspicious objects.',
    load: () => import('./commands/objects/objects.ts'),
  },
  {
    name: 'detections',
    summary: 'List detections of suspicious objects (Cordon only).',
    load: () => import('./commands/objects/detections.ts'),
  },
  {
    name: 'quarantine',
    summary: 'List and restore quarantined files (Cordon only).',
    load: () => import('./commands/objects/quarantine.ts'),
  },
  {
    name: 'groups',
    summary: 'Manage groups and how they handle suspicious objects (Cordon only).',
    load: () => import('./commands/policy/groups.ts'),
  },
  {
    name: 'tasks',
    summary: 'List disk scans, searches and restores and their progress (Cordon only).',
    load: () => import('./commands/tasks/tasks.ts'),
  },
  {
    name: 'apps',
    summary: 'Manage applications that can call the API (Cordon only).',
    load: () => import('./commands/access/apps.ts'),
  },
  {
    name: 'accounts',
    summary: 'Manage user accounts, roles and folders (Cordon only).',
    load: () => import('./commands/access/accounts.ts'),
  },
  {
    name: 'password',
    summary: 'Change your own password (Cordon only).',
    load: () => import('./commands/access/password.ts'),
  },
  {
    name: 'totp',
    summary: 'Enable or disable your second factor (Cordon only).',
    load: () => import('./commands/access/totp.ts'),
  },
  {
    name: 'enrol-token',
    summary: 'Create an enrolment token (Cordon only).',
    load: () => import('./commands/access/enrol-token.ts'),
  },
  {
    name: 'commands',
    summary: 'List actions on agents and their results (Cordon only).',
    load: () => import('./commands/acts/history.ts'),
  },
  {
    name: 'approvals',
    summary: 'Approve or reject actions awaiting approval (Cordon only).',
    load: () => import('./commands/acts/approvals.ts'),
  },
  {
    name: 'guard',
    summary: 'Limits on how many endpoints one caller can isolate (Cordon only).',
    load: () => import('./commands/policy/guard.ts'),
  },
  {
    name: 'profiles',
    summary: 'Manage what isolated endpoints can still reach (Cordon only).',
    load: () => import('./commands/policy/profiles.ts'),
  },
  {
    name: 'webhooks',
    summary: 'Manage webhooks (Cordon only).',
    load: () => import('./commands/notifications/webhooks.ts'),
  },
  {
    name: 'syslog',
    summary: 'Send events to a syslog collector (Cordon only).',
    load: () => import('./commands/notifications/syslog.ts'),
  },
  {
    name: 'audit',
    summary: 'List, verify and export the audit log (Cordon only).',
    load: () => import('./commands/audit/audit.ts'),
  },
  {
    name: 'doctor',
    summary: 'Diagnose a connection: name, TLS, clock, key, permissions.',
    load: () => import('./commands/session/doctor.ts'),
  },
  {
    name: 'explain',
    summary: 'Explain an API code and what to do about it.',
    load: () => import('./commands/reference/explain.ts'),
  },
  {
    name: 'completion',
    summary: 'Print completion for bash, zsh or fish.',
    load: () => import('./commands/reference/completion.ts'),
  },
  { name: 'manual', summary: 'Print the manual page.', load: () => import('./commands/reference/manual.ts') },
];

/** The group with this name and its commands. */
export async function loadGroup(name: string | undefined): Promise<Group | undefined> {
  const entry = catalogue.find((one) => one.name === name);
  return entry === undefined ? undefined : loaded(entry);
}

export async function everyGroup(): Promise<readonly Group[]> {
  return Promise.all(catalogue.map(loaded));
}

async function loaded({ name, summary, load }: Entry): Promise<Group> {
  return { name, summary, commands: (await load()).commands };
}
