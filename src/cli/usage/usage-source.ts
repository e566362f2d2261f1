import { type UsageAsked, type UsageView, usageView } from '../../admin/usage.ts'
import { isProblem, type Problem } from '../../canon/problem.ts'
import { openLedgerReader } from '../../ledger/open.ts'
import { answers, findGateway, openAccess, pathsOf } from '../gateway-access.ts'
import { ask } from '../questions.ts'
import { CliFault, type Desk, EXIT } from '../verb.ts'

/**
 * Usage from the gateway of `--url`, else from the one that runs on this machine, else from the ledger's file. Throws {@link CliFault}, also for a
 * question that is not understood.
 */
export async function askUsage(asked: UsageAsked, url: string | undefined, desk: Desk): Promise<UsageView> {
  const paths = pathsOf(desk.shell)
  const note = url === undefined ? await findGateway(paths) : undefined
  const runs = url !== undefined || (note !== undefined && (await answers(note, desk.shell)))
  return runs ? await overHttp(asked, url, desk) : await fromFile(asked, paths.dataDir, desk)
}

async function overHttp(asked: UsageAsked, url: string | undefined, desk: Desk): Promise<UsageView> {
  const access = await openAccess({ url, ledger: 'none' }, desk)
  try {
    const words = new URLSearchParams()
    for (const [name, text] of Object.entries(asked)) if (text !== undefined) words.set(name, text)
    const body: object = await ask(access, `/candor/usage?${words}`)
    return body as UsageView
  } finally {
    await access.close()
  }
}

async function fromFile(asked: UsageAsked, folder: string, { shell }: Desk): Promise<UsageView> {
  const file = openLedgerReader(folder)
  if (!file.ok) {
    const { what, why, fix } = file.refusal
    throw new CliFault(EXIT.absent, what, { why, fix })
  }
  try {
    const view = await usageView(asked, file.reader, shell.clock.now())
    if (isProblem(view)) throw notUnderstood(view)
    return view
  } finally {
    file.reader.close()
  }
}

function notUnderstood({ what, fix }: Problem): CliFault {
  return new CliFault(EXIT.usage, what, { fix })
}
