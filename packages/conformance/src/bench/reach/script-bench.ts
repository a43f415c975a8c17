/** `npm run bench -- utp | dht | webrtc`: scripts that measure one part of the node beside another implementation. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Command } from 'commander'

const SCRIPTS = join(import.meta.dirname, '../../../../node/bench')

interface ScriptBench {
  readonly name: string
  readonly description: string
  readonly script: string
}

const BENCHES: readonly ScriptBench[] = [
  {
    name: 'utp',
    description: 'one stream over uTP on loopback, beside bare datagrams and utp-native (libutp)',
    script: 'utp-loopback.ts',
  },
  {
    name: 'dht',
    description: 'answers of a DHT node a second and a CPU second, beside bittorrent-dht',
    script: 'dht-loopback.ts',
  },
  {
    name: 'webrtc',
    description: 'one stream over a data channel, beside node-datachannel alone',
    script: 'webrtc-loopback.ts',
  },
]

/** Each hands its options on to its script, which knows `--json`. */
export function addScriptBenches(program: Command): void {
  for (const { name, description, script } of BENCHES)
    program
      .command(name)
      .description(description)
      .argument('[options...]', 'options of the script')
      .allowUnknownOption()
      .helpOption(false)
      .action((options: readonly string[]) => run(script, options))
}

function run(script: string, options: readonly string[]): void {
  const args = ['--conditions=pigeon-source', join(SCRIPTS, script), ...options]
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' })
  process.exitCode = status ?? 1
}
