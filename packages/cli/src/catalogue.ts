/** Which groups of commands there are. A group is loaded when it is called, so that each start loads one. */
import type { Command } from './command.ts';

export interface Group {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly commands: readonly Command[] }>;
}

export const catalogue: readonly Group[] = [
  {
    name: 'login',
    summary: 'Set up the connection to a server, and check it.',
    load: () => import('./commands/login.ts'),
  },
  { name: 'logout', summary: 'Forget a connection.', load: () => import('./commands/logout.ts') },
  {
    name: 'agents',
    summary: 'List, isolate, release, protect, relocate and uninstall agents.',
    load: () => import('./commands/agents.ts'),
  },
  { name: 'servers', summary: 'List the servers that manage agents.', load: () => import('./commands/servers.ts') },
  {
    name: 'objects',
    summary: 'List, add and remove suspicious objects.',
    load: () => import('./commands/objects.ts'),
  },
  {
    name: 'detections',
    summary: 'List what endpoints have met of the suspicious objects (Cordon only).',
    load: () => import('./commands/detections.ts'),
  },
  {
    name: 'quarantine',
    summary: 'List files that were taken away, and put them back (Cordon only).',
    load: () => import('./commands/quarantine.ts'),
  },
  {
    name: 'groups',
    summary: 'How groups of agents treat suspicious objects (Cordon only).',
    load: () => import('./commands/groups.ts'),
  },
  {
    name: 'tasks',
    summary: 'Sweeps, searches and restores, and how far they are (Cordon only).',
    load: () => import('./commands/tasks.ts'),
  },
  {
    name: 'apps',
    summary: 'Manage the applications that may use the API (Cordon only).',
    load: () => import('./commands/apps.ts'),
  },
  {
    name: 'accounts',
    summary: 'Manage the accounts of people, their roles and folders (Cordon only).',
    load: () => import('./commands/accounts.ts'),
  },
  {
    name: 'password',
    summary: 'Change your own password (Cordon only).',
    load: () => import('./commands/password.ts'),
  },
  {
    name: 'totp',
    summary: 'Set up or take away your second factor (Cordon only).',
    load: () => import('./commands/totp.ts'),
  },
  {
    name: 'enrol-token',
    summary: 'Make a token with which endpoints enrol (Cordon only).',
    load: () => import('./commands/enrol-token.ts'),
  },
  {
    name: 'commands',
    summary: 'List what was asked of agents and what came of it (Cordon only).',
    load: () => import('./commands/commands.ts'),
  },
  {
    name: 'approvals',
    summary: 'Decide on acts that wait for a second person (Cordon only).',
    load: () => import('./commands/approvals.ts'),
  },
  {
    name: 'guard',
    summary: 'How much one caller may cut off alone (Cordon only).',
    load: () => import('./commands/guard.ts'),
  },
  {
    name: 'profiles',
    summary: 'What stays reachable from isolated endpoints (Cordon only).',
    load: () => import('./commands/profiles.ts'),
  },
  {
    name: 'webhooks',
    summary: 'Who is called with what happens (Cordon only).',
    load: () => import('./commands/webhooks.ts'),
  },
  {
    name: 'syslog',
    summary: 'Send what happens to a syslog collector (Cordon only).',
    load: () => import('./commands/syslog.ts'),
  },
  {
    name: 'audit',
    summary: 'List, verify and export who did what (Cordon only).',
    load: () => import('./commands/audit.ts'),
  },
  {
    name: 'doctor',
    summary: 'Find out why a connection does not work: name, TLS, clock, key, rights.',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'explain',
    summary: 'Say what a code of the API means, and what to do about it.',
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'completion',
    summary: 'Print completion for bash, zsh or fish.',
    load: () => import('./commands/completion.ts'),
  },
  { name: 'manual', summary: 'Print the manual page.', load: () => import('./commands/manual.ts') },
];
