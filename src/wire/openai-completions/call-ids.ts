import { type CallIds, openCallIds } from '../call-ids.ts'

/** Opens the ids of one conversation. They may repeat: a result belongs to the message with calls before it. */
export function openChatIds(pattern: string | undefined): CallIds {
  return openCallIds({ fits: () => true, prefix: 'call_', pattern, repeats: true })
}
