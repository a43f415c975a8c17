/**
 * `npm run sim -- [--seed N] [--leechers N] [--liars N] [--mib N]`: plays a swarm in virtual time and says whether the
 * promises held. The same numbers give the same history. Exit code 1: a promise was broken; 2: wrong arguments.
 */
import { parseArgs } from 'node:util'
import { runSwarm } from './scenario/swarm-run.ts'

const USAGE = `Usage: npm run sim -- [--seed N] [--leechers N] [--liars N] [--mib N]

Plays a swarm in virtual time: one seeder, leechers that crash and whose connections break, and peers that lie.
  --seed N      which history (default 1)
  --leechers N  1 to 200 (default 5)
  --liars N     0 to 50 (default 2)
  --mib N       size of the torrent, 1 to 64 (default 4)
`

const MINUTE_MS = 60_000
const MOST = { seed: 2 ** 32 - 1, leechers: 200, liars: 50, mib: 64 } as const
const LEAST = { seed: 0, leechers: 1, liars: 0, mib: 1 } as const

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const numbers = readNumbers(args)
  if (typeof numbers === 'string') {
    process.stderr.write(`${numbers}\n\n${USAGE}`)
    return 2
  }
  if (numbers === null) {
    process.stdout.write(USAGE)
    return 0
  }
  const say = (line: string): void => void process.stdout.write(`${line}\n`)
  const { seed, leechers, liars, mib } = numbers
  say(`seed ${seed}: 1 seeder, ${leechers} leechers, ${liars} liars, ${mib} MiB`)
  const sizeBytes = mib * 1024 * 1024
  const result = await runSwarm({ seed, leechers, liars, sizeBytes, limitMs: 120 * MINUTE_MS, say })
  say(
    `${result.events} events, ${result.crashes} crashes, ${(result.atMs / 1000).toFixed(1)} s of virtual time`,
  )
  for (const line of result.broken) say(`BROKEN: ${line}`)
  say(result.broken.length === 0 ? 'All promises held.' : `Replay with --seed ${seed}`)
  return result.broken.length === 0 ? 0 : 1
}

type Numbers = { readonly [K in keyof typeof MOST]: number }

/** `null` when help was asked for; a sentence when something is wrong. */
function readNumbers(args: readonly string[]): Numbers | string | null {
  const option = (value: string) => ({ type: 'string', default: value }) as const
  let values: { readonly [key: string]: string | boolean | undefined }
  try {
    values = parseArgs({
      args: [...args],
      options: {
        seed: option('1'),
        leechers: option('5'),
        liars: option('2'),
        mib: option('4'),
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  if (values.help === true) return null
  const numbers = { seed: 0, leechers: 0, liars: 0, mib: 0 }
  for (const name of ['seed', 'leechers', 'liars', 'mib'] as const) {
    const number = Number(values[name])
    if (!Number.isInteger(number) || number < LEAST[name] || number > MOST[name]) {
      return `--${name} must be a whole number from ${LEAST[name]} to ${MOST[name]}`
    }
    numbers[name] = number
  }
  return numbers
}
