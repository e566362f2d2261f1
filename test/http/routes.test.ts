import { describe, expect, test } from 'bun:test'
import { findRoute, methodsOf, ROUTES, unescaped } from '../../src/http/routes.ts'

describe('findRoute', () => {
  test.each([
    { line: 'POST /v1/responses', leads: 'openai-responses generate', rest: '' },
    { line: 'POST /v1/embeddings', leads: 'openai-completions embed', rest: '' },
    { line: 'POST /v1beta/models/a:generateContent', leads: 'google-generative-ai generate whole', rest: 'a' },
    { line: 'POST /v1beta/models/a/b:generateContent', leads: 'google-generative-ai generate whole', rest: 'a/b' },
    { line: 'POST /v1beta/models/a%2Fb:countTokens', leads: 'google-generative-ai count-tokens whole', rest: 'a%2Fb' },
    { line: 'POST /v1/models/a:streamGenerateContent', leads: 'google-generative-ai generate stream', rest: 'a' },
    { line: 'POST /v1beta/a/b:streamGenerateContent', leads: 'google-generative-ai generate stream', rest: 'a/b' },
    {
      line: 'POST /v1beta/models/l/m:8b:generateContent',
      leads: 'google-generative-ai generate whole',
      rest: 'l/m:8b',
    },
    { line: 'POST /v1/responses/r1/cancel', leads: 'storedResponse', rest: 'r1' },
    { line: 'GET /v1/responses/r1/input_items', leads: 'storedResponse', rest: 'r1/input_items' },
    { line: 'DELETE /v1/responses/r1', leads: 'storedResponse', rest: 'r1' },
    { line: 'GET /v1/models/a/b', leads: 'model', rest: 'a/b' },
    { line: 'PATCH /candor/keys/team%2Fci', leads: 'changeKey', rest: 'team%2Fci' },
    { line: 'POST /candor/keys/team%2Frotate/rotate', leads: 'rotateKey', rest: 'team%2Frotate' },
    { line: 'POST /candor/replay/req_1', leads: 'replay', rest: 'req_1' },
    { line: 'HEAD /v1/models', leads: 'models', rest: '' },
    { line: 'GET /v1beta/models/models/a', leads: 'geminiModel', rest: 'models/a' },
    { line: 'POST /v1beta/models/:generateContent', leads: 'google-generative-ai generate whole', rest: 'models/' },
  ])('$line', ({ line, leads, rest }) => {
    const [method = '', path = ''] = line.split(' ')
    const found = findRoute(method, path)
    const to = found?.route.to
    const words =
      to?.type === 'call'
        ? [to.protocol, to.operation, ...(to.stream === undefined ? [] : [to.stream ? 'stream' : 'whole'])].join(' ')
        : to?.type === 'question'
          ? to.question
          : to?.type
    expect([words, found?.rest]).toEqual([leads, rest])
  })

  test.each([
    'POST /v1beta/models/a',
    'POST /v1beta/models/a:generatecontent',
    'POST /v1beta/models/a:generateContent/x',
    'POST /v2/models/a:generateContent',
    'GET /v1/responses',
    'GET /v1beta/models/a:generateContent',
    'GET /v1/models/a:countTokens',
    'POST /v1/responses/',
    'DELETE /v1/models/a',
    'DELETE /candor/keys/a',
  ])('%s leads nowhere', line => {
    const [method = '', path = ''] = line.split(' ')
    expect(findRoute(method, path)).toBeUndefined()
  })

  test('a path knows its methods', () => {
    expect(methodsOf('/v1/responses/x')).toEqual(['GET', 'DELETE'])
    expect(methodsOf('/v1beta/models/x:generateContent')).toEqual(['POST'])
    expect(methodsOf('/v1beta/models/llama:latest')).toEqual(['GET'])
    expect(methodsOf('/candor/keys/x')).toEqual(['GET', 'PATCH'])
    expect(methodsOf('/nowhere')).toEqual([])
  })

  test('no line of the table stands behind another that takes all of its paths', () => {
    for (const route of ROUTES) {
      const found = findRoute(route.method, route.path.replace('*', 'x'))
      expect(found?.route.path).toBe(route.path)
    }
  })
})

test.each([
  ['a%2Fb', 'a/b'],
  ['a/b', 'a/b'],
  ['m%3A8b', 'm:8b'],
  ['%FF', '%FF'],
  ['50%', '50%'],
])('%s is meant as %s', (written, meant) => {
  expect(unescaped(written)).toBe(meant)
})
