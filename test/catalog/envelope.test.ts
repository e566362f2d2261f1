import { describe, expect, test } from 'bun:test'
import { readEnvelope } from '../../src/catalog/envelope.ts'

const nested = JSON.stringify({ error: { message: 'm', type: 't' } })

describe('every shape of an error answer', () => {
  test.each([
    ['OpenAI', { error: { message: 'm', type: 't', param: null, code: 'c' } }, { message: 'm', type: 't', code: 'c' }],
    ['Anthropic', { type: 'error', error: { type: 't', message: 'm' } }, { message: 'm', type: 't' }],
    ['error first', { error: { type: 't', message: 'm' }, type: 'error' }, { message: 'm', type: 't' }],
    [
      'OpenRouter',
      { error: { code: 402, message: 'm', metadata: { error_type: 't' } } },
      { message: 'm', type: 't', code: '402' },
    ],
    ['a number as text', { error: { code: '1113', message: 'm' } }, { message: 'm', code: '1113' }],
    [
      'a number inside the message',
      { type: 'error', error: { type: 't', message: '[1309][m][id]' } },
      { message: '[1309][m][id]', type: 't', code: '1309' },
    ],
    [
      'Google',
      { error: { code: 400, message: 'm', status: 'T', details: [{ '@type': 'x' }, { reason: 'C' }] } },
      { message: 'm', type: 'T', code: 'C' },
    ],
    ['an array around it', [{ error: { message: 'm', status: 'T' } }], { message: 'm', type: 'T' }],
    ['xAI', { code: 'c', error: 'm' }, { message: 'm', code: 'c' }],
    ['MiniMax', { base_resp: { status_code: 1008, status_msg: 'm' } }, { message: 'm', code: '1008' }],
    [
      'flat',
      { object: 'error', message: 'm', type: 't', param: null, code: 400 },
      { message: 'm', type: 't', code: '400' },
    ],
    ['FastAPI text', { detail: 'm' }, { message: 'm' }],
    ['JSON inside text', { detail: nested }, { message: 'm', type: 't' }],
    [
      'FastAPI list',
      {
        detail: [
          { type: 't', loc: ['body', 'store'], msg: 'm' },
          { loc: ['body'], msg: 'n' },
        ],
      },
      { message: 'body.store: m; body: n', type: 't' },
    ],
    ['a bare text', { error: 'm' }, { message: 'm' }],
    ['RFC 7807', { status: 429, title: 'T', detail: 'm' }, { message: 'm', type: 'T' }],
    ['RFC 7807 without detail', { status: 429, title: 'T' }, { message: 'T', type: 'T' }],
    ['Amazon', { __type: 'com.amazon.x#T', message: 'm' }, { message: 'm', type: 'T' }],
    ['nothing known', { hello: 'there' }, {}],
    ['a number', 7, { message: '7' }],
  ])('%s', (_, body, words) => {
    const { text: _text, body: _body, ...told } = readEnvelope(JSON.stringify(body))
    expect(told).toEqual(words)
  })

  test.each([
    ['text behind it', `${nested}\ncurl: done`, 'm'],
    ['plain text', ' error code: 1010\n', 'error code: 1010'],
    ['a titled page', '<html><title> 502 Bad\nGateway </title><script>x</script></html>', '502 Bad Gateway'],
    ['a page without title', '<p>Sorry,</p> <b>no</b>', 'Sorry, no'],
    ['nothing', '', undefined],
    ['broken JSON', '{"error": {', '{"error": {'],
  ])('%s', (_, text, message) => {
    expect(readEnvelope(text).message).toBe(message)
  })

  test('the header of Amazon counts where the body tells no kind', () => {
    expect(readEnvelope('{"message":"m"}', 'a.b#T:http://x').type).toBe('T')
    expect(readEnvelope('{"__type":"U","message":"m"}', 'T').type).toBe('U')
  })

  test('a message is bounded', () => {
    expect(readEnvelope(JSON.stringify({ error: 'x'.repeat(100_000) })).message?.length).toBe(4_000)
  })

  test('text in text in text ends somewhere', () => {
    let body = nested
    for (let depth = 0; depth < 20; depth += 1) body = JSON.stringify({ detail: body })
    expect(readEnvelope(body).message).toStartWith('{"detail"')
  })
})
