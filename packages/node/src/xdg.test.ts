import { expect, test } from 'vitest'
import { downloadEntry, userFolders } from './xdg.ts'

test('without variables all lies in the home folder', () => {
  expect(userFolders('pigeond', {}, '/nobody-has-this-home')).toEqual({
    config: '/nobody-has-this-home/.config/pigeon',
    state: '/nobody-has-this-home/.local/state/pigeon/pigeond',
    downloads: '/nobody-has-this-home/Downloads',
  })
})

test('absolute variables win, relative ones count as not set', () => {
  const env = { XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: 's', XDG_DOWNLOAD_DIR: '/d' }
  expect(userFolders('pigeon', env, '/h')).toEqual({
    config: '/c/pigeon',
    state: '/h/.local/state/pigeon/pigeon',
    downloads: '/d',
  })
})

test('the download folder of the desktop is read from its list', () => {
  const text = '# comment\nXDG_DESKTOP_DIR="$HOME/Desktop"\nXDG_DOWNLOAD_DIR="$HOME/Geladenes"\n'
  expect(downloadEntry(text, '/h')).toBe('/h/Geladenes')
  expect(downloadEntry('XDG_DOWNLOAD_DIR="/a \\"b\\""', '/h')).toBe('/a "b"')
  expect(downloadEntry('XDG_DOWNLOAD_DIR="$HOMES/x"', '/h')).toBe('$HOMES/x')
  expect(downloadEntry('', '/h')).toBeUndefined()
})
