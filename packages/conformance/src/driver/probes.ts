/** Honesty probes: what a driver must get right before any of its results mean anything. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Stage } from '../matrix/stage.ts'
import type { AddressPool } from '../net/address-pool.ts'
import { workDir } from '../net/work-dir.ts'
import { leechAll, seedScript } from '../scripted-peer/behaviours.ts'
import { ScriptedListener, dial } from '../scripted-peer/scripted-peer.ts'
import { payloadDifference, writePayload } from '../torrent/data-folder.ts'
import { makeTorrent } from '../torrent/make-torrent.ts'
import { tinyPayload } from '../torrent/payloads.ts'
import type { HttpTracker } from '../tracker/http-tracker.ts'
import { ClientProcess, until } from './client-process.ts'
import { type Driver, EXIT_REFUSED, EXIT_UNSUPPORTED } from './driver.ts'

export interface ProbeSetting {
  readonly http: HttpTracker
  readonly pool: AddressPool
  readonly outDir: string
  readonly seed: string
}

const EXIT_LIMIT_MS = 20_000
const TRANSFER_LIMIT_MS = 45_000

/** Why this driver must not be run, or `undefined` when it is honest. */
export async function probeDriver(
  driver: Driver,
  setting: ProbeSetting,
): Promise<string | undefined> {
  const problem =
    (await probeUnknown(driver)) ??
    (await probeGarbage(driver, setting, 'leech')) ??
    (await probeGarbage(driver, setting, 'seed'))
  // Who speaks no TCP cannot be met by the scripted peer.
  if (problem !== undefined || !driver.features.has('tcp')) return problem
  return (await probeLeech(driver, setting)) ?? (await probeSeed(driver, setting))
}

/** (a) What it cannot know it must call unsupported. */
async function probeUnknown(driver: Driver): Promise<string | undefined> {
  const cwd = join(workDir(), 'probe', driver.name)
  mkdirSync(cwd, { recursive: true })
  const word = `probe-${randomBytes(6).toString('hex')}`
  const code = await new Promise<number | null>((resolve) => {
    const child = spawn(driver.exec, [], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: cwd, BTC_CONTRACT: '1', BTC_PROBE: word },
      stdio: 'ignore',
      timeout: EXIT_LIMIT_MS,
      killSignal: 'SIGKILL',
    })
    child.once('error', () => resolve(null))
    child.once('exit', (exit) => resolve(exit))
  })
  if (code === EXIT_UNSUPPORTED) return undefined
  return `an unknown BTC_PROBE exits ${code ?? 'by signal'} instead of ${EXIT_UNSUPPORTED}`
}

/** (b) A file that is no torrent is refused. */
async function probeGarbage(
  driver: Driver,
  setting: ProbeSetting,
  role: 'leech' | 'seed',
): Promise<string | undefined> {
  const dir = join(workDir(), 'probe', driver.name, `garbage-${role}`)
  mkdirSync(dir, { recursive: true })
  const torrentFile = join(dir, 'in.torrent')
  writeFileSync(torrentFile, Buffer.concat([Buffer.from('d4:infod'), randomBytes(300)]))
  const client = new ClientProcess(driver, {
    role,
    caseId: 'probe.garbage',
    dir,
    listen: setting.pool.client(),
    source: { torrentFile },
    reach: { enable: driver.features.has('tcp') ? ['tcp'] : ['ws-tracker'] },
  })
  await until(() => client.exit !== undefined, EXIT_LIMIT_MS)
  const code = client.exit?.code
  await client.kill()
  if (code === EXIT_REFUSED) return undefined
  return `a garbage torrent (${role}) gives ${code === undefined ? 'no exit' : `exit ${String(code)}`} instead of ${EXIT_REFUSED}`
}

/** (d) One piece from the suite's own seed. */
async function probeLeech(driver: Driver, setting: ProbeSetting): Promise<string | undefined> {
  const torrent = makeTorrent(tinyPayload(`${setting.seed}-leech`))
  const stage = probeStage(driver, setting, 'leech')
  const seed = new ScriptedListener(seedScript(torrent))
  try {
    const address = setting.pool.client()
    await seed.listen(address)
    const leecher = await stage.cast({ driver, role: 'leech', torrent, via: 'http' })
    leecher.tracker.peers = [address]
    await stage.start(leecher)
    const isDone = await until(
      () => payloadDifference(torrent.payload, leecher.dataDir) === undefined,
      TRANSFER_LIMIT_MS,
    )
    return isDone ? undefined : 'as a leecher it did not fetch one piece from an honest seed'
  } catch (error) {
    return String(error)
  } finally {
    await seed.close()
    await stage.clear(false)
  }
}

/** (d) One piece to the suite's own leech. */
async function probeSeed(driver: Driver, setting: ProbeSetting): Promise<string | undefined> {
  const torrent = makeTorrent(tinyPayload(`${setting.seed}-seed`))
  const stage = probeStage(driver, setting, 'seed')
  try {
    const seeder = await stage.cast({ driver, role: 'seed', torrent, via: 'http' })
    writePayload(torrent.payload, seeder.dataDir)
    await stage.start(seeder)
    await seeder.tracker.waitFor((announce) => announce.leftBytes === 0, TRANSFER_LIMIT_MS)
    const talk = await dial(seeder.listen, setting.pool.client().host)
    if (talk === undefined) return 'as a seeder it does not accept connections'
    const got = await leechAll(talk, torrent, TRANSFER_LIMIT_MS)
    talk.close()
    if ('why' in got) return `as a seeder it did not serve one piece: ${got.why}`
    return got.bytes.equals(torrent.content) ? undefined : 'as a seeder it served wrong bytes'
  } catch (error) {
    return String(error)
  } finally {
    await stage.clear(false)
  }
}

function probeStage(driver: Driver, setting: ProbeSetting, role: string): Stage {
  const dir = join(setting.outDir, 'cells', 'probe', driver.name, role)
  rmSync(dir, { recursive: true, force: true })
  return new Stage(dir, `probe.${driver.name}.${role}`, setting.http, setting.pool)
}
