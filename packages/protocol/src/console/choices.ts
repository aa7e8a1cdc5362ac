/** Choices that the console offers, apart from the schemas so that pages need not load those. */

/** Communication time-outs in seconds; the API takes any from 1 to 86,400. */
export const timeoutChoices = [30, 60, 120, 300, 600, 1800, 3600] as const;
