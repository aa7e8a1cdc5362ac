/** An error that is not a bug: its message is for the person at the keyboard, and is printed without a stack. */
export class Refusal extends Error {}
