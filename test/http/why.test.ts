import { describe, expect, test } from 'bun:test'
import { PROBLEMS } from '../../src/canon/problem.ts'
import { jsonOf, keyGateway, receiptOf } from './key-gateway.ts'

describe('what is wrong with more than the request has a reason of its own', () => {
  test.each([
    ['GET /candor/receipts/req_nobody', 404, 'The ledger holds no call of that id'],
    ['GET /candor/receipts/last', 404, 'The ledger holds no call.'],
    ['GET /candor/nowhere', 404, 'The path is mistyped, or the base URL'],
    ['DELETE /v1/models/x', 405, 'not for this method'],
    ['POST /v1beta/models/x:predict', 404, 'behind the colon'],
    ['GET /candor/keys/nobody', 404, 'neither the id nor the name of a key'],
    ['POST /candor/keys/configured/rotate', 409, 'It stands in the configuration'],
    ['GET /user/info?user_id=key_x', 400, 'answers about the key that asks'],
  ])('%s', async (line, status, why) => {
    using at = keyGateway()
    const got = await at.ask(line)
    const told = got.body.error.candor ?? got.body.error.details?.at(-1)
    expect([got.status, told.why]).toEqual([status, expect.stringContaining(why)])
    expect(told.why).not.toBe(PROBLEMS.bad_request.meaning)
  })

  test('of a receipt, a key is told the same whether nobody has it or somebody else', async () => {
    using at = keyGateway()
    const { secret } = await at.made()
    at.receipts.push({ ...receiptOf((await at.made({ name: 'other' })).key), id: 'req_theirs' })
    const why = async (id: string) =>
      (await jsonOf(await at.send(`GET /candor/receipts/${id}`, secret))).error.candor.why
    expect(await why('req_theirs')).toBe(await why('req_nobody'))
    expect(await why('req_nobody')).toStartWith('What this key may see of the ledger holds no call of that id')
  })
})
