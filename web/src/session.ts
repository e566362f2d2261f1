import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { SessionView } from '../../src/admin/session-view.ts'

/** Who looks, and what they may do. */
export const SessionContext = createContext<SessionView>({ signedIn: false, mayRead: false, mayChange: false })

/** Who looks. A view offers changes only where `mayChange` holds, and says why not otherwise (parts/sign-in.tsx). */
export function useSession(): SessionView {
  return useContext(SessionContext)
}
