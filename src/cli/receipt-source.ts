import { isId } from '../base/ids.ts'
import { parseJson } from '../base/json.ts'
import { asArray, asObject } from '../base/json-value.ts'
import { openLedgerReader } from '../ledger/open.ts'
import type { Receipt } from '../ledger/receipt.ts'
import { readReceipt } from '../ledger/receipt-guard.ts'
import { type Access, answers, findGateway, openAccess, pathsOf, requestTo } from './gateway-access.ts'
import { oneLine } from './terminal-text.ts'
import { faultOf, troubleOf } from './trouble.ts'
import { CliFault, type Desk, EXIT } from './verb.ts'

/** Where receipts are read from: a running gateway, or the ledger's file. */
export interface ReceiptSource {
  find(id: string): Promise<Receipt | undefined>
  last(): Promise<Receipt | undefined>
  /** The newest, newest first. */
  newest(limit: number): Promise<readonly Receipt[]>
  close(): Promise<void>
}

/**
 * The gateway of `--url`, else the ledger in the data folder (read beside whoever writes it), else the running gateway. Throws
 * {@link CliFault}.
 */
export async function openReceipts(url: string | undefined, desk: Desk): Promise<ReceiptSource> {
  if (url !== undefined) return overHttp(await openAccess({ url, ledger: 'none' }, desk))
  const paths = pathsOf(desk.shell)
  const file = openLedgerReader(paths.dataDir)
  if (file.ok) {
    const { reader } = file
    return {
      find: id => reader.find(id),
      last: () => reader.last(),
      newest: limit => reader.list({ limit }),
      close: async () => reader.close(),
    }
  }
  // A gateway that cannot write its ledger keeps the newest receipts in memory.
  const note = await findGateway(paths)
  if (note !== undefined && (await answers(note, desk.shell)))
    return overHttp(await openAccess({ ledger: 'none' }, desk))
  const { what, why, fix } = file.refusal
  throw new CliFault(EXIT.absent, what, { why, fix })
}

/** That there is no such receipt. What cannot be the id of one is wrong usage. */
export function noReceipt(id: string): CliFault {
  return new CliFault(isId(id, 'req') ? EXIT.finding : EXIT.usage, `There is no receipt "${oneLine(id, 60)}".`, {
    fix: ['See the newest: candor logs', 'The id is in the header candor-request-id of every reply.'],
  })
}

/** The receipts of an access. */
export function overHttp(access: Access): ReceiptSource {
  const find = async (id: string) => {
    const response = await access.handle(requestTo(`/candor/receipts/${encodeURIComponent(id)}`))
    return response.status === 404 ? undefined : readReceipt(await textOf(response))
  }
  return {
    find,
    last: () => find('last'),
    async newest(limit) {
      const read = parseJson(await textOf(await access.handle(requestTo(`/candor/receipts?limit=${limit}`))))
      const items = asArray(read.ok ? asObject(read.value)?.['data'] : undefined)
      return items.flatMap(item => readReceipt(JSON.stringify(item)) ?? [])
    },
    close: () => access.close(),
  }
}

async function textOf(response: Response): Promise<string> {
  if (response.ok) return await response.text()
  throw faultOf(await troubleOf(response))
}
