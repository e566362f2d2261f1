/** The environment Bun is started with; a value already set wins. */
export declare function guardRails(environment: Readonly<Record<string, string | undefined>>): Record<string, string>
/** Flags that keep the working directory out. */
export declare const isolationFlags: readonly string[]
