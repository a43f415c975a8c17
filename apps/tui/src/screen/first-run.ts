/** The first run of all: nothing is created before the user has said where downloads go. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment, UserFolders } from '@pigeon/node/xdg'
import { completeLocalFolder } from './complete-folder.ts'
import { Form } from './form.ts'
import type { Screen } from './screen.ts'
import { STRINGS } from './strings.ts'
import { pathOf } from './what-to-add.ts'

/** What to offer; `null` where the user has told already. */
export function firstRunFolder(env: Environment, folders: UserFolders): string | null {
  const isTold =
    (env['PIGEON_DOWNLOADS'] ?? '') !== '' || existsSync(join(folders.config, 'pigeon.toml'))
  return isTold ? null : folders.downloads
}

/** Asks; `onConfirmed` opens the node, to which the answer is told then. Esc leaves with nothing done. */
export function askForFolder(screen: Screen, folder: string, onConfirmed: () => void): void {
  let isConfirmed = false
  screen.open(
    new Form(screen, {
      title: STRINGS.firstRun.title,
      intro: STRINGS.firstRun.intro,
      fields: [
        {
          kind: 'text',
          name: 'folder',
          label: STRINGS.form.folder,
          initial: folder,
          complete: completeLocalFolder,
        },
      ],
      onSubmit: (answers) => {
        const typed = answers.text('folder')
        if (typed === '') return STRINGS.form.noFolder
        const defaultFolder = pathOf(typed)
        isConfirmed = true
        onConfirmed()
        if (defaultFolder !== folder)
          void screen.run({ do: 'set-session', defaultFolder }, STRINGS.done.folder)
        return null
      },
      onClose: () => {
        if (!isConfirmed) screen.quit()
      },
    }),
  )
}
