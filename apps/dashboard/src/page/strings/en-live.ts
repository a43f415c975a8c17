/** Texts of what lives beside list and details, in English: speed, nodes, news, the way in, being away. */
import { countingIn } from './counting.ts'

const { counted } = countingIn('en')

export const enLive = {
  entry: {
    paste: 'Or paste the link here',
    placeholder: 'http://127.0.0.1:9292/login#…',
    enter: 'Log in',
    wrong: 'This is not a login link. Copy it whole, with what stands behind the #.',
  },

  speedPlot: {
    title: 'Speed',
    show: 'Show the speed over time',
    hide: 'Hide the speed over time',
    span: 'Shown time',
    minutes: '10 minutes',
    hour: '1 hour',
    down: 'Down',
    up: 'Up',
    downLimit: 'Download limit',
    upLimit: 'Upload limit',
    altDown: 'Alternative download limit',
    altUp: 'Alternative upload limit',
    nothing: 'Speed is noted from now on, while this page is open.',
    text: (name: string, now: string, mean: string, most: string) =>
      `${name}: now ${now}, on average ${mean}, at most ${most}.`,
    limit: (name: string, rate: string) => `${name}: ${rate}.`,
    label: (span: string) => `Speed over the last ${span}`,
    ago: (time: string) => `${time} ago`,
    now: 'now',
  },

  nodes: {
    label: (name: string) => `Node: ${name}`,
    title: 'Nodes',
    up: 'can be reached',
    down: 'cannot be reached',
  },

  away: {
    title: 'pigeon-web is not there',
    text: 'This page was kept by your browser, but nothing answers at its address. It goes on by itself as soon as pigeon-web runs again.',
    nodeTitle: 'This node cannot be reached',
    nodeText: 'The list appears by itself as soon as the node answers.',
    retry: 'Try now',
  },

  news: {
    open: (unread: number) =>
      unread === 0 ? 'News' : `News, ${counted(unread, 'unread entry', 'unread entries')}`,
    title: 'News',
    none: 'Finished torrents and troubles are listed here while this page is open.',
    clear: 'Clear',
    finished: 'Finished',
    failed: 'Needs help',
    finishedNamed: (name: string) => `Finished: ${name}`,
    failedNamed: (name: string) => `Needs help: ${name}`,
  },

  notify: {
    title: 'Notifications',
    text: 'Tells you when a torrent is finished or needs help while you look at something else. The page has to be open.',
    turnOn: 'Turn on notifications',
    turnOff: 'Turn off notifications',
    on: 'Notifications are on.',
    denied:
      'The browser does not allow this page to notify. Allow it in the browser’s settings for this address, then try again.',
    unable: 'This browser has no notifications for pages at this address.',
    refused: 'The browser was not asked, or said no. Nothing was changed.',
  },

  magnets: {
    title: 'Magnet links',
    text: 'Opens magnet links of other pages here. The browser asks you once more.',
    register: 'Open magnet links here',
    asked: 'The browser has been asked. Whether it does so is up to its settings.',
    unable:
      'This browser lets no page open magnet links at this address: it needs https or localhost.',
  },
}
