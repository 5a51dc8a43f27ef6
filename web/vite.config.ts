import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import Components from 'unplugin-vue-components/vite'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import { defineConfig } from 'vitest/config'

// The dev server and the preview speak to a running platform (`make run`); CHENGYUN_API says where it is.
const platform = process.env.CHENGYUN_API ?? 'http://127.0.0.1:8000'
const proxy = Object.fromEntries(['/api', '/tiles', '/live'].map((path) => [path, platform]))

// Widgets that the shell and the workbench show at once, and those that wait for a table, a form or a choice.
const WIDGETS = /node_modules[\\/](element-plus|@element-plus|@floating-ui|@popperjs|@sxzz|async-validator|dayjs|lodash|@ctrl)/
const LATE_WIDGETS = /async-validator|dayjs|element-plus[\\/](es[\\/]components[\\/]|theme-chalk[\\/]el-)(autocomplete|cascader|collapse|date-picker|dialog|drawer|form[\\/]src[\\/]form|input-number|option|progress|radio|select|switch|table|time-picker|timeline|tree|virtual-list)/

// A desk on HTTP/1.1 fetches six files at a time: few larger ones, grouped by what changes together.
const groups = [
  { name: 'maplibre', test: /node_modules[\\/](maplibre-gl|@maplibre|@mapbox)/ },
  { name: 'echarts', test: /node_modules[\\/](echarts|zrender)/ },
  { name: 'element', test: (id: string) => WIDGETS.test(id) && !LATE_WIDGETS.test(id) },
  { name: 'widgets', test: WIDGETS },
  { name: 'vendor', test: /node_modules/ },
  { name: 'frame', test: /src[\\/](app|api|design|live|session|ui)[\\/](?!words[\\/])(?!.*(i18n|Dialog|SignInForm|PasswordForm))(?!pages)/ },
  { name: 'cases', test: /src[\\/]contexts[\\/]cases[\\/](?!.*(i18n|overview|Overview|Map|map|CasePlace|PlacePicker|[\\/]act[\\/]|egister|FilterDrawer|ExportDialog|Batch))/ },
  { name: 'map', test: /src[\\/]contexts[\\/]territory[\\/](map[\\/]|components[\\/](MapCanvas|AreaMap|BaseMapPreview))/ },
]

export default defineConfig({
  base: '/',
  plugins: [
    vue(),
    Components({ dirs: [], dts: 'src/components.d.ts', resolvers: [ElementPlusResolver({ importStyle: 'css' })] }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { host: '127.0.0.1', port: 5173, strictPort: true, proxy },
  preview: { host: '127.0.0.1', port: 5174, strictPort: true, proxy },
  optimizeDeps: { include: ['element-plus/es', 'element-plus/es/components/*/style/css', '@element-plus/icons-vue', 'maplibre-gl'] },
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 1400, modulePreload: { polyfill: false }, rolldownOptions: { output: { codeSplitting: { groups } } } },
  test: { environment: 'jsdom', include: ['src/**/*.test.ts'], css: false, maxWorkers: 1 },
})
