import { afterEach, describe, expect, it, vi } from 'vitest'
import { codeIn } from './useScanner'

describe('codeIn', () => {
  it('takes the digits of a plate, also at the end of an address', () => {
    expect(codeIn('33019901003000001')).toBe('33019901003000001')
    expect(codeIn('https://city.example/c/33019901003000001?x=1')).toBe('33019901003000001')
    expect(codeIn(' LD-0001 ')).toBe('LD0001')
  })
})

describe('useScanner', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })
  const fresh = async () => (await import('./useScanner')).useScanner()
  it('offers no scan where the browser cannot read codes: one types', async () => {
    vi.resetModules()
    const scanner = await fresh()
    expect(scanner.canScan).toBe(false)
    expect(await scanner.read(new Blob())).toBe('')
  })
  it('reads the first code of a photo, and tells none where there is none', async () => {
    const close = vi.fn()
    const detect = vi.fn().mockResolvedValueOnce([{ rawValue: 'https://city.example/c/33019901003000001' }]).mockResolvedValueOnce([])
    vi.resetModules()
    vi.stubGlobal('BarcodeDetector', class { detect = detect })
    vi.stubGlobal('createImageBitmap', () => Promise.resolve({ close }))
    const scanner = await fresh()
    expect(scanner.canScan).toBe(true)
    expect(await scanner.read(new Blob())).toBe('33019901003000001')
    expect(await scanner.read(new Blob())).toBe('')
    expect(close).toHaveBeenCalledTimes(2)
  })
})
