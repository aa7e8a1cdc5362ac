/** What a faulty reader fails at. */
export const deadly = 'a reader dies of this';
/** It takes three seconds, as if the disk did not answer. */
export const endless = 'a reader is stuck with this';
