/** The paths and headers of the console API. */

export const consolePaths = {
  session: '/api/v1/session',
  sessions: '/api/v1/sessions',
  password: '/api/v1/password',
  totp: '/api/v1/totp',
  accounts: '/api/v1/accounts',
  accountSettings: '/api/v1/account-settings',
  applications: '/api/v1/applications',
  enrolmentTokens: '/api/v1/enrolment-tokens',
  agents: '/api/v1/agents',
  commands: '/api/v1/commands',
  audit: '/api/v1/audit',
  acts: '/api/v1/acts',
  events: '/api/v1/events',
  overview: '/api/v1/overview',
  servers: '/api/v1/servers',
  approvals: '/api/v1/approvals',
  guard: '/api/v1/guard',
  profiles: '/api/v1/profiles',
  detections: '/api/v1/detections',
  groups: '/api/v1/groups',
  objects: '/api/v1/objects',
  tasks: '/api/v1/tasks',
  quarantine: '/api/v1/quarantine',
  webhooks: '/api/v1/webhooks',
  syslog: '/api/v1/syslog',
} as const;

/** A page sends it, with the value `1`, when it signs in and with every change; a form on a foreign page cannot. */
export const consoleHeader = 'x-cordon-console';
/** A page sends it, with any value, with calls that no person made: they do not keep an idle session alive. */
export const backgroundHeader = 'x-cordon-background';
