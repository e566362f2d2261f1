import manifest from '../../package.json' with { type: 'json' }

/** Candor's own version, from package.json. */
export const VERSION: string = manifest.version

/** The name Candor gives itself upstream when neither the configuration nor the client names anybody. */
export const OWN_USER_AGENT = `candor/${VERSION}`
