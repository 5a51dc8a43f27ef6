/** The browser's own reader of codes; not every browser has one. */
interface Detector {
  detect(source: ImageBitmapSource): Promise<{ rawValue: string }[]>
}
type DetectorClass = new () => Detector
const found = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector

const DIGITS = /[0-9]{10,20}/

/** The code of a component in what a plate says: the digits alone, or at the end of an address. */
export const codeIn = (text: string): string => DIGITS.exec(text)?.[0] ?? text.replace(/[^0-9A-Za-z]/g, '').slice(0, 20)

/** Reads a code from a photo. Where the browser cannot, one types it or uses a hand scanner, which types. */
export function useScanner() {
  async function read(photo: Blob): Promise<string> {
    if (!found) return ''
    const picture = await createImageBitmap(photo)
    const [first] = await new found().detect(picture)
    picture.close()
    return first ? codeIn(first.rawValue) : ''
  }
  return { canScan: Boolean(found), read }
}
