/** `pigeon session`: the node itself, its limits and goals; and its end. */
import type { Command, SessionSummary } from '@pigeon/control/contract'
import { isProblem, problem } from '@pigeon/control/problems'
import {
  formatBytes,
  formatDateTime,
  formatDuration,
  formatLimit,
  formatRate,
  formatRatio,
} from '@pigeon/control/units'
import { isHeldOff, SWITCHES } from '../../network/switches.ts'
import { jsonLine } from '../output.ts'
import { type Given, hasFlag, type NodeAction, pictureOf } from './around.ts'
import { report } from './perform.ts'
import { printFacts } from './table.ts'
import {
  type Read,
  readCount,
  readFlags,
  readOnOff,
  readPolicy,
  readRate,
  readSchedule,
  readSessionRatio,
  readSessionTime,
  showSchedule,
} from './values.ts'

type Changes = Required<Omit<Extract<Command, { do: 'set-session' }>, 'do'>>

export const session: NodeAction = async (around, given) => {
  const changes = changesIn(given)
  if (isProblem(changes)) return changes
  if (Object.keys(changes.value).length > 0) {
    const result = await around.control.run({ do: 'set-session', ...changes.value })
    return report(around, given, result, 'Changed.')
  }
  const picture = await pictureOf(around.control)
  if (isProblem(picture)) return picture
  if (hasFlag(given, 'json')) {
    around.print(jsonLine(picture.session))
    return null
  }
  printFacts(around, factsOf(picture.session, picture.torrents.length))
  return null
}

function changesIn(given: Given): Read<Partial<Changes>> {
  return readFlags<Changes>(given, {
    downLimit: ['downLimit', readRate],
    upLimit: ['upLimit', readRate],
    alternative: ['isAlternativeOn', readOnOff],
    altDown: ['altDownLimit', readRate],
    altUp: ['altUpLimit', readRate],
    schedule: ['altSchedule', readSchedule],
    ratioGoal: ['ratioGoal', readSessionRatio],
    seedTimeGoal: ['seedMsGoal', readSessionTime],
    idleTimeGoal: ['idleMsGoal', readSessionTime],
    maxActive: ['maxActive', readCount],
    folder: ['defaultFolder', (value) => ({ value })],
    maxPeers: ['maxPeers', readCount],
    maxPeersPerTorrent: ['maxPeersPerTorrent', readCount],
    uploadSlots: ['uploadSlots', readCount],
    dht: ['isDhtOn', readOnOff],
    pex: ['isPexOn', readOnOff],
    lsd: ['isLsdOn', readOnOff],
    utp: ['isUtpOn', readOnOff],
    webrtc: ['isWebRtcOn', readOnOff],
    encryption: ['encryption', readPolicy],
    portMapping: ['isPortMappingOn', readOnOff],
    anonymous: ['isAnonymous', readOnOff],
    tracker: ['isTrackerOn', readOnOff],
  })
}

function factsOf(
  of: SessionSummary,
  torrents: number,
): readonly (readonly [title: string, text: string])[] {
  const { alternative } = of
  const schedule = alternative.schedule === null ? 'none' : showSchedule(alternative.schedule)
  return [
    ['node', of.node],
    ['since', formatDateTime(of.startedAtMs)],
    ['problem', of.problem === null ? '' : `${of.problem.message} ${of.problem.help}`],
    ['peers reach it at', of.listening ?? 'no port'],
    ['torrents', `${torrents}, ${of.maxActive} download at the same time`],
    ['down', `${formatRate(of.downRate)} of ${formatLimit(of.downLimit)}`],
    ['up', `${formatRate(of.upRate)} of ${formatLimit(of.upLimit)}`],
    [
      'alternative limits',
      `${alternative.isOn ? 'on' : 'off'}, down ${formatLimit(alternative.down)}, up ${formatLimit(alternative.up)}`,
    ],
    ['schedule', schedule],
    ['goals', goalText(of)],
    ['peers', `${of.peersConnected} of ${of.maxPeers}, ${of.maxPeersPerTorrent} for a torrent`],
    ['upload slots', String(of.uploadSlots)],
    ['folder', of.defaultFolder],
    ['free there', of.freeBytes === null ? '' : formatBytes(of.freeBytes)],
    [
      'downloaded',
      `${formatBytes(of.downloadedBytes)} since it started, ${formatBytes(of.allDownloadedBytes)} ever`,
    ],
    [
      'uploaded',
      `${formatBytes(of.uploadedBytes)} since it started, ${formatBytes(of.allUploadedBytes)} ever`,
    ],
    ['network', networkText(of)],
    ['set by its file', of.configured.join(', ')],
  ]
}

function networkText(of: SessionSummary): string {
  return Object.values(SWITCHES)
    .map((each) => `${each.label} ${each.valueOf(of)}${isHeldOff(each, of) ? ' (held off)' : ''}`)
    .join(', ')
}

function goalText({ ratioGoal, seedMsGoal, idleMsGoal }: SessionSummary): string {
  const goals = [
    ratioGoal === null ? '' : `ratio ${formatRatio(ratioGoal)}`,
    seedMsGoal === null ? '' : `seeded for ${formatDuration(seedMsGoal)}`,
    idleMsGoal === null ? '' : `idle for ${formatDuration(idleMsGoal)}`,
  ].filter((goal) => goal !== '')
  return goals.length === 0 ? 'none' : goals.join(', or ')
}

export const shutDown: NodeAction = async (around, given) => {
  if (!hasFlag(given, 'yes')) {
    const answer = await around.ask('End the node, with all its transfers?')
    if (answer === null) return NOBODY_TO_ASK
    if (!answer) return NOT_CONFIRMED
  }
  const result = await around.control.run({ do: 'shut-down' })
  return report(around, given, result, 'The node ends.')
}

const NOT_CONFIRMED = problem('cancelled', 'The node was left running.', '')
const NOBODY_TO_ASK = problem(
  'usage',
  'Nothing was done: this has to be confirmed, and there is nobody to ask.',
  'Say --yes to do it without a question.',
)
