import { afterAll, beforeAll, expect, test } from 'bun:test'
import { METRICS_CONTENT_TYPE } from '../../src/admin/metrics/text-format.ts'
import { VERSION } from '../../src/base/version.ts'
import { type Gateway, startGateway } from '../e2e/harness.ts'
import { parseMetrics, sampleValue } from './prometheus-text.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway({ config: {} })
})
afterAll(async () => {
  await gateway.stop()
})

test('the program answers a scrape with what it counted', async () => {
  const refused = await gateway.fetch('/v1/chat/completions', {
    method: 'POST',
    body: JSON.stringify({ model: 'nobody/nothing', messages: [] }),
  })
  expect(refused.status).toBe(404)
  const scraped = await gateway.fetch('/metrics')
  expect(scraped.status).toBe(200)
  expect(scraped.headers.get('content-type')).toBe(METRICS_CONTENT_TYPE)
  const text = await scraped.text()
  expect(parseMetrics(text).size).toBeGreaterThan(20)
  expect(sampleValue(text, 'candor_problems_total', { code: 'model_not_found', provider: '' })).toBe(1)
  expect(sampleValue(text, 'candor_build_info', { version: VERSION })).toBe(1)
  expect(sampleValue(text, 'process_resident_memory_bytes')).toBeGreaterThan(1_000_000)
})
