import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseVectorFile, type VectorFile } from './testing/vector-file.ts'
import { VECTOR_CODECS } from './testing/vector-codecs.ts'

const VECTORS = new URL('../vectors/', import.meta.url)

const files = readdirSync(VECTORS, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.json') && !path.endsWith('.schema.json'))
  .sort()
  .map((path): [string, VectorFile] => [
    path,
    parseVectorFile(path, JSON.parse(readFileSync(new URL(path, VECTORS), 'utf8'))),
  ])

describe('the set of vectors', () => {
  test('names every case once', () => {
    const ids = files.flatMap(([, file]) => file.cases.map(({ id }) => id))
    const repeated = ids.filter((id, index) => ids.indexOf(id) !== index)
    expect(repeated).toEqual([])
  })

  test('names only codecs that exist, and has a file for each', () => {
    const named = new Set(files.map(([, file]) => file.codec))
    expect(named).toEqual(new Set(Object.keys(VECTOR_CODECS)))
  })

  test('lies in folders named after the BEP', () => {
    for (const [path, file] of files) {
      expect(path.split('/')[0]).toBe(`bep-${String(file.bep).padStart(4, '0')}`)
    }
  })
})

describe.each(files)('vectors/%s', (_, file) => {
  test.each(file.cases.map((vector) => [vector.id, vector.does, vector] as const))(
    '%s %s',
    (_id, _does, vector) => {
      const codec = VECTOR_CODECS[file.codec]
      expect(codec, `no codec is named ${file.codec}`).toBeDefined()
      if (codec === undefined) return
      expect(codec.decode(vector.bytes, vector.options)).toEqual(vector.outcome)
      if (vector.outcome.result !== 'valid' || !vector.isCanonical || !codec.encode) return
      const written = codec.encode(vector.outcome.value, vector.options)
      expect(Buffer.from(written).toString('hex')).toBe(Buffer.from(vector.bytes).toString('hex'))
    },
  )
})
