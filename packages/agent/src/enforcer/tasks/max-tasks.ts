/** How many tasks the enforcer remembers. */

/** Unfinished tasks, and those whose end the server has not recorded yet. */
export const maxTasks = 100;
