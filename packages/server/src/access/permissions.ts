/** Who may do what in the console API: the one table of roles. Pure. */
import type { Role } from '@cordon/protocol/console';
import type { Folders } from './scope.ts';

/** Whoever asks, as far as permission needs them. */
export interface Bearer {
  readonly role: Role;
  readonly scope: Folders;
}

export type Verb = 'read' | 'change';

interface Permission {
  readonly read: readonly Role[];
  readonly change: readonly Role[];
  /**
   * What an account that is limited to folders may do of this at all. `change` only where whatever is resolved is
   * judged by its folder, one by one; `nothing` where what is shown cannot be told apart by folder.
   */
  readonly limited: 'nothing' | Verb;
}

const nobody: readonly Role[] = [];
const administrators: readonly Role[] = ['Administrator'];
const operators: readonly Role[] = ['Administrator', 'Operator'];
const everybody: readonly Role[] = ['Administrator', 'Operator', 'Read-only'];

const permissions = {
  /** One's own sessions, password and second factor. */
  session: { read: everybody, change: everybody, limited: 'change' },
  agents: { read: everybody, change: operators, limited: 'change' },
  /** Isolating and releasing. To preview one is to read it. */
  acts: { read: operators, change: operators, limited: 'change' },
  'break-glass': { read: nobody, change: operators, limited: 'change' },
  approvals: { read: everybody, change: operators, limited: 'change' },
  commands: { read: everybody, change: nobody, limited: 'read' },
  /** Which agents there are: enrolling, protecting, uninstalling, forgetting. */
  fleet: { read: administrators, change: administrators, limited: 'nothing' },
  objects: { read: everybody, change: operators, limited: 'read' },
  groups: { read: everybody, change: administrators, limited: 'read' },
  detections: { read: everybody, change: nobody, limited: 'read' },
  tasks: { read: everybody, change: operators, limited: 'change' },
  quarantine: { read: everybody, change: operators, limited: 'change' },
  profiles: { read: everybody, change: administrators, limited: 'read' },
  guard: { read: everybody, change: administrators, limited: 'read' },
  overview: { read: everybody, change: nobody, limited: 'read' },
  /** Those who are limited see the lines about their agents, and their own. */
  audit: { read: everybody, change: nobody, limited: 'read' },
  /** Signatures over every line: nothing to check a part by. */
  'audit-chain': { read: everybody, change: nobody, limited: 'nothing' },
  applications: { read: administrators, change: administrators, limited: 'nothing' },
  accounts: { read: administrators, change: administrators, limited: 'nothing' },
  /** How the server itself works. */
  settings: { read: administrators, change: administrators, limited: 'nothing' },
} as const satisfies Record<string, Permission>;

export type Resource = keyof typeof permissions;

/** What a route is for. */
export interface Access {
  readonly verb: Verb;
  readonly resource: Resource;
}

/** Whether `bearer` may do this at all; which agents it reaches is judged where they are resolved (`scope.ts`). */
export function may(bearer: Bearer, { verb, resource }: Access): boolean {
  const permission: Permission = permissions[resource];
  if (!permission[verb].includes(bearer.role)) return false;
  return bearer.scope.length === 0 || permission.limited === 'change' || permission.limited === verb;
}

/** Those who may, for the sentence of a refusal. */
export function rolesThatMay({ verb, resource }: Access): readonly Role[] {
  return permissions[resource][verb];
}
