/** Every method by its name in snake_case; the legacy names differ in their hyphens only. */
import { groupGet, groupSet } from './groups.ts'
import { blocklistUpdate, freeSpace, portTest, sessionClose } from './node-methods.ts'
import type { Method } from './outcome.ts'
import { sessionGet, sessionStats } from './session-get.ts'
import { sessionSet } from './session-set.ts'
import {
  queueMoveBottom,
  queueMoveDown,
  queueMoveTop,
  queueMoveUp,
  torrentReannounce,
  torrentRemove,
  torrentRenamePath,
  torrentSetLocation,
  torrentStart,
  torrentStartNow,
  torrentStop,
  torrentVerify,
} from './torrent-actions.ts'
import { torrentAdd } from './torrent-add.ts'
import { torrentGet } from './torrent-get.ts'
import { torrentSet } from './torrent-set.ts'

export const METHODS: ReadonlyMap<string, Method> = new Map([
  ['blocklist_update', blocklistUpdate],
  ['free_space', freeSpace],
  ['group_get', groupGet],
  ['group_set', groupSet],
  ['port_test', portTest],
  ['queue_move_bottom', queueMoveBottom],
  ['queue_move_down', queueMoveDown],
  ['queue_move_top', queueMoveTop],
  ['queue_move_up', queueMoveUp],
  ['session_close', sessionClose],
  ['session_get', sessionGet],
  ['session_set', sessionSet],
  ['session_stats', sessionStats],
  ['torrent_add', torrentAdd],
  ['torrent_get', torrentGet],
  ['torrent_reannounce', torrentReannounce],
  ['torrent_remove', torrentRemove],
  ['torrent_rename_path', torrentRenamePath],
  ['torrent_set', torrentSet],
  ['torrent_set_location', torrentSetLocation],
  ['torrent_start', torrentStart],
  ['torrent_start_now', torrentStartNow],
  ['torrent_stop', torrentStop],
  ['torrent_verify', torrentVerify],
])
