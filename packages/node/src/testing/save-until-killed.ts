/** Saves progress that counts up from a number, printing each number once it is durable. Runs until it is killed. */
import { isIoProblem } from '@pigeon/engine/problem'
import { openRecords } from '../records.ts'

const [folder = '', start = '0'] = process.argv.slice(2)
const records = openRecords(folder)
if (isIoProblem(records)) throw new Error(records.message)
const progress = { verified: new Uint8Array(1000), downloadedBytes: 0, seededMs: 0 }
await records.save({
  id: 'a',
  infoHashes: { v1: new Uint8Array(20), v2: null },
  infoBytes: null,
  optionsJson: '{}',
  progress: { ...progress, uploadedBytes: Number(start) },
})
for (
  let uploadedBytes = Number(start);
  uploadedBytes < Number(start) + 1_000_000;
  uploadedBytes++
) {
  if ((await records.saveProgress('a', { ...progress, uploadedBytes })) === null) {
    process.stdout.write(`${uploadedBytes}\n`)
  }
  await new Promise((resolve) => setImmediate(resolve))
}
