/** How many endpoints one request may name one by one. */

/** The IDs of so many fit into the body of a request with room to spare. */
export const maxEntityIds = 1000;
