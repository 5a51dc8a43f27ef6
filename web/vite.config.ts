import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { defineConfig } from 'vitest/config'
import { mockApi } from './dev/mock/plugin.ts'

// With CHENGYUN_API (for example http://127.0.0.1:8000) the dev server speaks to a running platform,
// without it to the mock in dev/mock. Neither is part of the build.
const backend = process.env.CHENGYUN_API
const proxied = ['/api', '/tiles', '/live']

export default defineConfig(({ command, mode }) => ({
  base: '/',
  plugins: [
    vue(),
    Components({ dirs: [], dts: 'src/components.d.ts', resolvers: [ElementPlusResolver({ importStyle: 'css' })] }),
    command === 'serve' && mode !== 'test' && !backend ? mockApi() : undefined,
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: {
    host: '127.0.0.1',
    port: 5173,
    strictPort: true,
    proxy: backend
      ? Object.fromEntries(proxied.map((path) => [path, { target: backend, changeOrigin: true }]))
      : undefined,
  },
  preview: { host: '127.0.0.1', port: 5174, strictPort: true },
  optimizeDeps: { include: ['element-plus/es', 'element-plus/es/components/*/style/css', '@element-plus/icons-vue', 'maplibre-gl'] },
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 1400, modulePreload: { polyfill: false } },
  test: { environment: 'jsdom', include: ['src/**/*.test.ts', 'dev/**/*.test.ts'], css: false, maxWorkers: 1 },
}))
