import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { isIP } from 'node:net'

/** A certificate with its key, in PEM form. */
export interface Identity {
  readonly cert: string
  readonly key: string
}

/** What a certificate is made with. */
export interface CertificateOptions {
  /** Names and addresses it is for. */
  readonly names?: readonly string[]
  readonly from?: Date
  readonly until?: Date
}

/** One that signs others. */
export interface Authority {
  readonly cert: string
  issue(options: CertificateOptions): Identity
}

const DAY_MS = 86_400_000

/** Makes an authority of its own (X.509 v3, P-256; RFC 5280), so that no test depends on a tool or on files that expire. */
export function makeAuthority(subject = 'Test authority'): Authority {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    cert: certificate({
      subject,
      issuer: subject,
      subjectKey: pair.publicKey,
      issuerKey: pair.privateKey,
      isAuthority: true,
    }),
    issue(options) {
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      return {
        cert: certificate({
          ...options,
          subject: 'Test server',
          issuer: subject,
          subjectKey: own.publicKey,
          issuerKey: pair.privateKey,
          isAuthority: false,
        }),
        key: pemOf(own.privateKey),
      }
    },
  }
}

/** A server's certificate that only the server itself vouches for. */
export function makeSelfSigned(options: CertificateOptions): Identity {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = 'Test server'
  return {
    cert: certificate({
      ...options,
      subject,
      issuer: subject,
      subjectKey: pair.publicKey,
      issuerKey: pair.privateKey,
      isAuthority: false,
    }),
    key: pemOf(pair.privateKey),
  }
}

interface Contents extends CertificateOptions {
  readonly subject: string
  readonly issuer: string
  readonly subjectKey: KeyObject
  readonly issuerKey: KeyObject
  readonly isAuthority: boolean
}

/** RFC 5280 §4.1. */
function certificate(contents: Contents): string {
  const now = Date.now()
  const { names = [], from = new Date(now - DAY_MS), until = new Date(now + DAY_MS) } = contents
  const signed = sequence(
    tagged(0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1 + Math.floor(Math.random() * 100), 1, 1, 1])),
    ECDSA_SHA256,
    distinguishedName(contents.issuer),
    sequence(time(from), time(until)),
    distinguishedName(contents.subject),
    contents.subjectKey.export({ type: 'spki', format: 'der' }),
    tagged(
      3,
      sequence(basicConstraints(contents.isAuthority), ...(names.length === 0 ? [] : [alternativeNames(names)])),
    ),
  )
  const signature = sign('sha256', signed, contents.issuerKey)
  const whole = sequence(signed, ECDSA_SHA256, der(0x03, Buffer.concat([Buffer.from([0]), signature])))
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

function tagged(number: number, content: Buffer): Buffer {
  return der(0xa0 | number, content)
}

/** An object identifier, from its encoded bytes in hex. */
function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

/** 1.2.840.10045.4.3.2 */
const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'))

function distinguishedName(commonName: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(commonName)))))
}

function time(date: Date): Buffer {
  return der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\.\d+/g, '')}`))
}

function basicConstraints(isAuthority: boolean): Buffer {
  const value = isAuthority ? sequence(der(0x01, Buffer.from([0xff]))) : sequence()
  return sequence(oid('551d13'), der(0x01, Buffer.from([0xff])), der(0x04, value))
}

function alternativeNames(names: readonly string[]): Buffer {
  const all = names.map(name =>
    isIP(name) === 4 ? der(0x87, Buffer.from(name.split('.').map(Number))) : der(0x82, Buffer.from(name)),
  )
  return sequence(oid('551d11'), der(0x04, sequence(...all)))
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}
