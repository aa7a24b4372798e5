/** The value of a header, by its name in lower case. */
export type HeaderOf = (name: string) => string | undefined;
