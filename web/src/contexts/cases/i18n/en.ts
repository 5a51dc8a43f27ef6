import codes from './en/codes'
import desk from './en/desk'
import one from './en/one'
import phrases from './en/phrases'

export default { ...codes, ...desk, ...one, ...phrases }
