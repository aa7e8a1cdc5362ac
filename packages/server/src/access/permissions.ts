/** Who may do what in the console API: the one table of roles. Pure. */
import type { Role } from '@cordon/protocol/console';
import type { Folders } from './scope.ts';

/** The caller, as far as permissions need them. */
export interface Bearer {
  readonly role: Role;
  readonly scope: Folders;
}

export type Verb = 'read' | 'change';

interface Permission {
  readonly read: readonly Role[];
  readonly change: readonly Role[];
  /**
   * What an account limited to folders may do here at all. `change` only where every resolved agent is checked by its
   * folder, one by one; `nothing` where the answer cannot be split by folder.
   */
  readonly limited: 'nothing' | Verb;
}

const nobody: readonly Role[] = [];
const administrators: readonly Role[] = ['Administrator'];
const operators: readonly Role[] = ['Administrator', 'Operator'];
const everybody: readonly Role[] = ['Administrator', 'Operator', 'Viewer'];

const permissions = {
  /** The caller's own sessions, password and second factor. */
  session: { read: everybody, change: everybody, limited: 'change' },
  agents: { read: everybody, change: operators, limited: 'change' },
  /** Isolating and releasing. A preview only needs `read`. */
  acts: { read: operators, change: operators, limited: 'change' },
  'break-glass': { read: nobody, change: operators, limited: 'change' },
  approvals: { read: everybody, change: operators, limited: 'change' },
  commands: { read: everybody, change: nobody, limited: 'read' },
  /** The agents themselves: enrolling, protecting, uninstalling, forgetting. */
  fleet: { read: administrators, change: administrators, limited: 'nothing' },
  objects: { read: everybody, change: operators, limited: 'read' },
  groups: { read: everybody, change: administrators, limited: 'read' },
  detections: { read: everybody, change: nobody, limited: 'read' },
  tasks: { read: everybody, change: operators, limited: 'change' },
  quarantine: { read: everybody, change: operators, limited: 'change' },
  profiles: { read: everybody, change: administrators, limited: 'read' },
  guard: { read: everybody, change: administrators, limited: 'read' },
  overview: { read: everybody, change: nobody, limited: 'read' },
  /** Accounts with a scope see the lines about their agents, and their own. */
  audit: { read: everybody, change: nobody, limited: 'read' },
  /** Signatures cover every line, so nobody can check only some of the lines. */
  'audit-chain': { read: everybody, change: nobody, limited: 'nothing' },
  applications: { read: administrators, change: administrators, limited: 'nothing' },
  accounts: { read: administrators, change: administrators, limited: 'nothing' },
  /** How the server itself is doing. */
  settings: { read: administrators, change: administrators, limited: 'nothing' },
} as const satisfies Record<string, Permission>;

export type Resource = keyof typeof permissions;

/** The permission a route needs. */
export interface Access {
  readonly verb: Verb;
  readonly resource: Resource;
}

/** Whether `bearer` may do this at all. Which agents it reaches is checked where they are resolved (`scope.ts`). */
export function may(bearer: Bearer, { verb, resource }: Access): boolean {
  const permission: Permission = permissions[resource];
  if (!permission[verb].includes(bearer.role)) return false;
  return bearer.scope.length === 0 || permission.limited === 'change' || permission.limited === verb;
}

/** The roles that may, for the message of a refusal. */
export function rolesThatMay({ verb, resource }: Access): readonly Role[] {
  return permissions[resource][verb];
}
