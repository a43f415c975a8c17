/**
 * A million hostile texts through the screen and into a model of a terminal; ends with 1 when anything of them came out.
 * Arguments: how many, and the seed.
 */
import { foreignIn } from './scan.ts'
import { parade } from './parade.ts'
import { openTerminalModel } from './terminal-model.ts'

const COLUMNS = 220
const ROWS = 60

process.env['NODE_ENV'] ??= 'production'
const [payloads = '1000000', seed = '1'] = process.argv.slice(2)
const model = openTerminalModel(COLUMNS, ROWS)
let feeding = Promise.resolve()
let isLeaking = false
const startedMs = performance.now()
const done = await parade({
  payloads: Number(payloads),
  seed: Number(seed),
  columns: COLUMNS,
  rows: ROWS,
  onOutput: (text) => {
    for (const foreign of foreignIn(text)) {
      isLeaking = true
      console.error('foreign:', foreign)
    }
    feeding = feeding.then(() => model.write(text))
  },
})
await feeding
for (const misdeed of model.misdeeds) console.error('the terminal did:', misdeed)
if (model.isAlternate) console.error('the terminal was left in its alternate screen')
const seconds = ((performance.now() - startedMs) / 1000).toFixed(0)
console.log(
  `${done.drawn} payloads drawn of ${done.given}, ${done.frames} views, ${done.outputBytes} bytes in ${seconds} s (seed ${seed})`,
)
const isClean = !isLeaking && model.misdeeds.length === 0 && !model.isAlternate
console.log(isClean ? 'nothing foreign came out' : 'FOREIGN SEQUENCES CAME OUT')
model.close()
process.exit(isClean ? 0 : 1)
