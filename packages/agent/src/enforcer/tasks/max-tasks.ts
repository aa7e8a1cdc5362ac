/** How many tasks the enforcer remembers. */

/** Tasks that are not finished, and those whose end the server has not recorded yet. */
export const maxTasks = 100;
