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
} as const;
