import { describe, expect, test } from 'bun:test'
import { keyGateway } from './key-gateway.ts'

const TO_A_PAGE = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const ELSEWHERE = { ...TO_A_PAGE, 'sec-fetch-site': 'cross-site' }

async function statusOf(line: string, more: Record<string, string>): Promise<number> {
  using at = keyGateway({ answers: () => new Response() })
  const [method = '', path = ''] = line.split(' ')
  const request = new Request(`http://localhost${path}`, { method, headers: { host: 'localhost', ...more } })
  return (await at.surface(request)).status
}

describe('a page of another site', () => {
  test.each([
    ['GET /', ELSEWHERE],
    ['GET /calls/req_1', ELSEWHERE],
    ['GET /keys', { ...ELSEWHERE, 'sec-fetch-site': 'same-site' }],
    ['GET /candor/sign-in', ELSEWHERE],
  ])('may lead a browser to %s, which shows nothing by itself', async (line, headers) => {
    expect(await statusOf(line, headers)).toBe(200)
  })

  test.each([
    ['GET /', { ...ELSEWHERE, 'sec-fetch-dest': 'iframe' }],
    ['GET /', { ...ELSEWHERE, 'sec-fetch-mode': 'no-cors' }],
    ['GET /', { ...ELSEWHERE, origin: 'http://evil.example' }],
    ['GET /', { ...ELSEWHERE, host: 'evil.example' }],
    ['GET /candor/problems', ELSEWHERE],
    ['GET /candor/receipts', ELSEWHERE],
    ['GET /assets/main.js', ELSEWHERE],
    ['GET /v1/models', ELSEWHERE],
    ['POST /candor/sign-out', ELSEWHERE],
    ['POST /v1/chat/completions', ELSEWHERE],
  ])('gets nothing of %s with %j', async (line, headers) => {
    expect(await statusOf(line, headers)).toBe(403)
  })
})
