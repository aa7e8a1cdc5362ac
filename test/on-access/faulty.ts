/** What makes a faulty reader fail. */
export const deadly = 'a reader dies of this';
/** Takes longer than any test, as if the disk did not answer. */
export const endless = 'a reader is stuck with this';
