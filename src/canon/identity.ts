/** Whose `User-Agent` went upstream: the configuration's, the calling client's own, or Candor's. */
export type IdentitySource = 'configured' | 'client' | 'candor'

/** The name a provider saw, and whose it was. */
export interface Identity {
  readonly userAgent: string
  readonly source: IdentitySource
}
