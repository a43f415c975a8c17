/** Every call by its path below `/api/v2/`; that of newer versions beside that of older ones. */
import { add } from './add.ts'
import * as app from './app.ts'
import type { Handler } from './call.ts'
import * as label from './label-writes.ts'
import { mainData } from './main-data.ts'
import { preferences, setPreferences } from './preferences.ts'
import * as tracker from './tracker-writes.ts'
import * as read from './torrent-reads.ts'
import * as write from './torrent-writes.ts'

export const CALLS: ReadonlyMap<string, Handler> = new Map([
  ['app/version', app.version],
  ['app/webapiVersion', app.apiVersion],
  ['app/buildInfo', app.buildInfo],
  ['app/defaultSavePath', app.defaultSavePath],
  ['app/preferences', preferences],
  ['app/setPreferences', setPreferences],
  ['app/shutdown', app.shutdown],

  ['transfer/info', app.transfer],
  ['transfer/speedLimitsMode', app.speedLimitsMode],
  ['transfer/setSpeedLimitsMode', app.setSpeedLimitsMode],
  ['transfer/toggleSpeedLimitsMode', app.toggleSpeedLimitsMode],
  ['transfer/downloadLimit', app.globalDownloadLimit],
  ['transfer/uploadLimit', app.globalUploadLimit],
  ['transfer/setDownloadLimit', app.setGlobalDownloadLimit],
  ['transfer/setUploadLimit', app.setGlobalUploadLimit],
  ['transfer/banPeers', write.banPeers],

  ['sync/maindata', mainData],
  ['sync/torrentPeers', read.torrentPeers],
  ['log/main', app.emptyList],
  ['log/peers', app.emptyList],
  ['rss/items', app.emptyObject],
  ['rss/rules', app.emptyObject],
  ['search/plugins', app.emptyList],

  ['torrents/info', read.info],
  ['torrents/properties', read.properties],
  ['torrents/files', read.files],
  ['torrents/trackers', read.trackers],
  ['torrents/webseeds', read.webSeeds],
  ['torrents/pieceStates', read.pieceStates],
  ['torrents/categories', read.categories],
  ['torrents/tags', read.tags],
  ['torrents/downloadLimit', read.downloadLimit],
  ['torrents/uploadLimit', read.uploadLimit],

  ['torrents/add', add],
  ['torrents/delete', write.remove],
  ['torrents/pause', write.pause],
  ['torrents/stop', write.pause],
  ['torrents/resume', write.resume],
  ['torrents/start', write.resume],
  ['torrents/recheck', write.recheck],
  ['torrents/reannounce', write.reannounce],
  ['torrents/setForceStart', write.setForceStart],
  ['torrents/topPrio', write.topPrio],
  ['torrents/bottomPrio', write.bottomPrio],
  ['torrents/increasePrio', write.increasePrio],
  ['torrents/decreasePrio', write.decreasePrio],
  ['torrents/setLocation', write.setLocation],
  ['torrents/setDownloadLimit', write.setDownloadLimit],
  ['torrents/setUploadLimit', write.setUploadLimit],
  ['torrents/setShareLimits', write.setShareLimits],
  ['torrents/toggleSequentialDownload', write.toggleSequentialDownload],
  ['torrents/toggleFirstLastPiecePrio', write.toggleFirstLastPiecePrio],
  ['torrents/setSuperSeeding', write.setSuperSeeding],
  ['torrents/setAutoManagement', write.setAutoManagement],
  ['torrents/setCategory', label.setCategory],
  ['torrents/createCategory', label.createCategory],
  ['torrents/editCategory', label.editCategory],
  ['torrents/removeCategories', label.removeCategories],
  ['torrents/addTags', label.addTags],
  ['torrents/removeTags', label.removeTags],
  ['torrents/createTags', label.createTags],
  ['torrents/deleteTags', label.deleteTags],
  ['torrents/filePrio', write.filePrio],
  ['torrents/rename', write.rename],
  ['torrents/renameFile', write.renamePath],
  ['torrents/renameFolder', write.renamePath],
  ['torrents/addTrackers', tracker.addTrackers],
  ['torrents/editTracker', tracker.editTracker],
  ['torrents/editTrackers', tracker.editTracker],
  ['torrents/removeTrackers', tracker.removeTrackers],
  ['torrents/addPeers', write.addPeers],
])
