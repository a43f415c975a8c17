import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

/** The page: one HTML file, one script, one style sheet, all from our own origin and without a line inline. */
export default defineConfig({
  root: 'src/page',
  base: '/',
  publicDir: 'public',
  plugins: [react()],
  resolve: { conditions: ['pigeon-source', ...defaultClientConditions] },
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    target: 'es2023',
    reportCompressedSize: false,
  },
})
