/** An error that is no bug: its sentence is for the person at the keyboard, and is printed without a stack. */
export class Refusal extends Error {}
