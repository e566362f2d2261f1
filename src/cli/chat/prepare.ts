import { stat } from 'node:fs/promises'
import type { Access } from '../gateway-access.ts'
import { askModel } from '../questions.ts'
import { oneLine } from '../terminal-text.ts'
import { CliFault, type Desk } from '../verb.ts'
import {
  type Attachment,
  attachmentWords,
  mentionsIn,
  pathIn,
  readAttachment,
  refuseUnseen,
  withAttachments,
} from './attachments.ts'
import { type Content, hasImage } from './content.ts'
import type { Conversation } from './conversation.ts'
import type { Entered } from './editor.ts'

/**
 * A question as it is sent: with what was attached, and with the files it names by `@path`. Throws a usage fault if one cannot be sent, or the
 * model is known not to see it; then everything attached stays attached.
 */
export async function prepare(
  entered: Entered,
  model: string,
  { access, conversation, ...desk }: Desk & { readonly access: Access; readonly conversation: Conversation },
): Promise<Content> {
  const mentioned = await mentionedFiles(entered, desk)
  const content = withAttachments(entered.text, [...conversation.attached, ...mentioned])
  await refuseBlind(content, model, access)
  for (const each of [...conversation.attached, ...mentioned])
    desk.print.note(desk.print.paintNote('dim', `with ${attachmentWords(each)}`))
  conversation.attached = []
  return content
}

/** Throws a usage fault if there is a picture in it, and the model is known to see none. */
export async function refuseBlind(content: Content, model: string, access: Access): Promise<void> {
  if (model === '' || !hasImage(content)) return
  const view = await askModel(access, model).catch((error: unknown) => {
    // The call itself will say in full what is wrong with the name.
    if (error instanceof CliFault) return undefined
    throw error
  })
  if (view !== undefined) refuseUnseen(view)
}

/** A file named in a text that was pasted is not read: whoever wrote that text may want to see it. */
async function mentionedFiles({ text, pasted }: Entered, { shell, print }: Desk): Promise<readonly Attachment[]> {
  const found: Attachment[] = []
  for (const { path, written } of new Map(mentionsIn(text).map(each => [each.written, each])).values()) {
    const isThere = await stat(pathIn(path, shell)).then(
      file => file.isFile(),
      () => false,
    )
    const shown = oneLine(path)
    if (!isThere) {
      if (/[./]/.test(path)) print.note(`There is no file ${shown}: "@${shown}" is sent as it is.`)
    } else if (pasted.some(each => each.includes(written)))
      print.note(
        `"@${shown}" stands in what was pasted or piped, so the file is not sent. To send it: /file ${shown} in a conversation, else -f ${shown}`,
      )
    else found.push(await readAttachment(path, 'any', shell))
  }
  return found
}
