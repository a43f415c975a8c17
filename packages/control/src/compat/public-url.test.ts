import { expect, it } from 'vitest'
import { refuseUrl } from './public-url.ts'

const NAMES: ReadonlyMap<string, readonly string[]> = new Map([
  ['public.example', ['93.184.216.34', '2606:2800:220:1::1']],
  ['mixed.example', ['93.184.216.34', '10.0.0.1']],
  ['rebinding.example', ['127.0.0.1']],
])

function refused(url: string): Promise<string | null> {
  return refuseUrl(url, (host) => Promise.resolve(NAMES.get(host) ?? []))
}

it.each([
  'http://public.example/x.torrent',
  'https://public.example./x',
  'http://93.184.216.34:8080/',
])('lets %s be fetched', async (url) => {
  expect(await refused(url)).toBeNull()
})

it.each([
  ...[
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0/',
  ],
  ...['http://[::1]/', 'http://[::ffff:127.0.0.1]/', 'http://10.0.0.1/', 'http://192.168.1.1/'],
  ...['http://169.254.169.254/latest/meta-data', 'http://[fe80::1]/', 'http://[fd00::1]/'],
  ...['http://mixed.example/', 'http://rebinding.example/', 'http://unknown.example/'],
  ...['ftp://public.example/', 'file:///etc/passwd', '/etc/passwd', '', 'http://', 'nope'],
])('refuses %s', async (url) => {
  expect(await refused(url)).not.toBeNull()
})
