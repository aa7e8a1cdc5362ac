/** The paths of the console API, apart from the schemas so that clients need not load those. */

export const consolePaths = {
  session: '/api/v1/session',
  applications: '/api/v1/applications',
  enrolmentTokens: '/api/v1/enrolment-tokens',
  agents: '/api/v1/agents',
  commands: '/api/v1/commands',
  audit: '/api/v1/audit',
  acts: '/api/v1/acts',
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
