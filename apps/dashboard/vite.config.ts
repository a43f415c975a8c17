import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig, type Plugin } from 'vite'

/**
 * The page: one HTML file, a script and a style sheet for the first sight, the rest when it is needed; all from our own
 * origin and without a line inline. Addresses are relative, for only the server knows below which path it is shown.
 */
export default defineConfig({
  root: 'src/page',
  base: './',
  publicDir: 'public',
  plugins: [react(), tellWorkerItsShell(), pack()],
  resolve: { conditions: ['pigeon-source', ...defaultClientConditions] },
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    target: 'es2023',
    reportCompressedSize: false,
    rolldownOptions: {
      input: {
        index: join(import.meta.dirname, 'src/page/index.html'),
        'service-worker': join(import.meta.dirname, 'src/worker/service-worker.ts'),
      },
      output: {
        entryFileNames: ({ name }) =>
          name === 'service-worker' ? '[name].js' : 'assets/[name]-[hash].js',
      },
    },
  },
})

/** Writes into the service worker which files make up the shell, and a name that changes with any of them. */
function tellWorkerItsShell(): Plugin {
  return {
    name: 'pigeon-shell',
    generateBundle: {
      // After Vite has taken away the scripts of style sheets that several parts share.
      order: 'post',
      handler(_, bundle) {
        const files = Object.keys(bundle).filter((file) => /^assets\/.*\.(?:js|css)$/.test(file))
        const version = createHash('sha256').update(files.toSorted().join('\n')).digest('hex')
        const worker = bundle['service-worker.js']
        if (worker?.type !== 'chunk') return
        const shell = { version: version.slice(0, 16), files }
        worker.code = `self.pigeonShell=${JSON.stringify(shell)};\n${worker.code}`
      },
    },
  }
}

/** Lays a packed copy beside each file that can be packed; the server hands these out as they are. */
function pack(): Plugin {
  let folder = ''
  return {
    name: 'pigeon-pack',
    writeBundle(options) {
      folder = options.dir ?? folder
    },
    closeBundle() {
      if (folder === '') return
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        // The document and the manifest are packed by the server, which writes its base path into them.
        if (!entry.isFile() || !/\.(?:js|css|svg)$/.test(entry.name)) continue
        const file = join(entry.parentPath, entry.name)
        const body = readFileSync(file)
        writeFileSync(`${file}.gz`, gzipSync(body, { level: 9 }))
        writeFileSync(`${file}.br`, brotliCompressSync(body))
      }
    },
  }
}
