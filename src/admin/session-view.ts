/** The answer to `GET /candor/session`. */
export interface SessionView {
  /** This browser was signed in with a link. */
  readonly signedIn: boolean
  /** The views can be read: whoever is signed in, shows an admin key, or everybody where no key is asked for. */
  readonly mayRead: boolean
  readonly mayChange: boolean
}

/** The answer to `POST /candor/sign-in-links`: a way into the dashboard that works once. */
export interface SignInLink {
  /** Path and query: `/candor/sign-in?token=…`. */
  readonly path: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}
