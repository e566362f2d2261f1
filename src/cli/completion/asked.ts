/** The kinds of names a script asks for with `candor complete <kind>`, because they are different on every machine. */
export const ASKED = { models: 'models', providers: 'providers', keys: 'keys', receipts: 'receipts' } as const

/** One of {@link ASKED}. */
export type Asked = keyof typeof ASKED
