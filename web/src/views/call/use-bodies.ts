import { useState } from 'preact/hooks'
import type { BodiesView } from '../../../../src/admin/bodies.ts'
import type { Receipt } from '../../../../src/ledger/receipt.ts'
import { type Trouble, useQuestion } from '../../api.ts'
import { useSession } from '../../session.ts'

/** What is known of the bodies of a call. */
export type Bodies =
  /** `running`: they come when the call has ended. `stranger`: whoever looks may not see them. */
  | { readonly state: 'never' | 'running' | 'stranger' | 'asking' }
  /** They are large, and fetched when that is wanted. */
  | { readonly state: 'large'; readonly bytes: number; readonly fetch: () => void }
  | { readonly state: 'here'; readonly view: BodiesView }
  /** They were to be kept, and are not there: removed by now, or never written. */
  | { readonly state: 'gone'; readonly trouble: Trouble }
  | { readonly state: 'trouble'; readonly trouble: Trouble; readonly again: () => void }

/** Up to this many bytes of both bodies are fetched without being asked for. */
const AT_ONCE_BYTES_MAX = 1024 * 1024

/** The bodies of a call, where they are kept and may be seen. */
export function useBodies({ id, bodies, ending, requestBytes, replyBytes }: Receipt): Bodies {
  const { mayChange } = useSession()
  const bytes = requestBytes + replyBytes
  const [isWanted, setWanted] = useState(false)
  const mayAsk = bodies === 'kept' && ending !== 'in-flight' && mayChange
  const isAsked = mayAsk && (isWanted || bytes <= AT_ONCE_BYTES_MAX)
  const { answer, trouble, again } = useQuestion<BodiesView>(
    isAsked ? `/candor/bodies/${encodeURIComponent(id)}` : undefined,
  )
  if (bodies !== 'kept') return { state: 'never' }
  if (!mayChange || trouble?.status === 401 || trouble?.status === 403) return { state: 'stranger' }
  if (ending === 'in-flight') return { state: 'running' }
  if (!isAsked) return { state: 'large', bytes, fetch: () => setWanted(true) }
  if (answer !== undefined) return { state: 'here', view: answer }
  if (trouble === undefined) return { state: 'asking' }
  return trouble.status === 404 ? { state: 'gone', trouble } : { state: 'trouble', trouble, again }
}
