/** Communication time-outs that the console offers, in seconds; the API takes any from 1 to 86,400. */
export const timeoutChoices = [30, 60, 120, 300, 600, 1800, 3600] as const;
