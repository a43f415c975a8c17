import { generateKeyPairSync, sign } from 'node:crypto'

/** A key and a certificate for one name that nobody but the test vouches for, both in PEM. */
export interface SelfSigned {
  readonly key: string
  readonly certificate: string
}

/** Makes an ECDSA certificate, X.509 v3, valid from one wall time to another (years 1950 to 2049). */
export function selfSigned(name: string, fromMs: number, untilMs: number): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const algorithm = sequence(der(OID, Buffer.from('2a8648ce3d040302', 'hex')))
  const commonName = sequence(
    der(OID, Buffer.from('550403', 'hex')),
    der(UTF8_STRING, Buffer.from(name)),
  )
  const subject = sequence(der(SET, commonName))
  const names = sequence(der(DNS_NAME, Buffer.from(name)))
  const body = sequence(
    der(EXPLICIT_0, der(INTEGER, Buffer.of(2))),
    der(INTEGER, Buffer.of(1)),
    algorithm,
    subject,
    sequence(der(UTC_TIME, utcTime(fromMs)), der(UTC_TIME, utcTime(untilMs))),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      EXPLICIT_3,
      sequence(
        extension('551d11', names),
        extension('551d13', sequence(der(BOOLEAN, Buffer.of(0xff)))),
      ),
    ),
  )
  const signature = der(BIT_STRING, Buffer.concat([Buffer.of(0), sign('sha256', body, privateKey)]))
  const base64 = sequence(body, algorithm, signature).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  }
}

const BOOLEAN = 0x01
const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const OID = 0x06
const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
const SEQUENCE = 0x30
const SET = 0x31
const DNS_NAME = 0x82
const EXPLICIT_0 = 0xa0
const EXPLICIT_3 = 0xa3

function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 0x80 ? Buffer.of(length) : Buffer.of(0x82, length >> 8, length & 0xff)
  return Buffer.concat([Buffer.of(tag), size, content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(SEQUENCE, Buffer.concat(parts))
}

function extension(oid: string, value: Buffer): Buffer {
  return sequence(der(OID, Buffer.from(oid, 'hex')), der(OCTET_STRING, value))
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[^0-9]/g, '')
  return Buffer.from(`${digits.slice(2, 14)}Z`)
}
