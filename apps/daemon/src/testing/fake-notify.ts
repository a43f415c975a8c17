/** A `systemd-notify` that writes down what it was told. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface FakeNotify {
  /** To be set where the daemon runs. */
  readonly env: Readonly<Record<string, string>>
  /** The assignments of each call, in order. */
  calls(): Promise<readonly (readonly string[])[]>
}

/** `exitCode`: with which it ends. */
export async function fakeNotify(folder: string, exitCode = 0): Promise<FakeNotify> {
  const bin = join(folder, 'bin')
  const log = join(folder, 'notified')
  await mkdir(bin, { recursive: true })
  const script = join(bin, 'systemd-notify')
  await writeFile(
    script,
    `#!/bin/sh\nprintf '%s\\t' "$@" >> ${log}\necho >> ${log}\nexit ${exitCode}\n`,
  )
  await chmod(script, 0o755)
  await writeFile(log, '')
  return {
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}`, NOTIFY_SOCKET: join(folder, 'socket') },
    calls: async () => {
      const lines = (await readFile(log, 'utf8')).split('\n').slice(0, -1)
      return lines.map((line) => line.split('\t').slice(0, -1))
    },
  }
}
