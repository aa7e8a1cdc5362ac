/** Roles of accounts, and the rule for passwords. */

/** Administrator: everything. Operator: contains and approves, administers nothing. Viewer: changes nothing. */
export const roles = ['Administrator', 'Operator', 'Viewer'] as const;

/** The minimum length of a password in characters. There are no rules about which characters. */
export const minPasswordLength = 12;
